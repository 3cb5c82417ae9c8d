/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Reading } from "./reading.ts";

/** How a panel is shown. */
export interface PanelProps<T> {
  /** Short and stable. */
  readonly id: string;
  readonly title: string;
  /** Columns of six that it takes on a wide screen. */
  readonly span: 2 | 3 | 4 | 6;
  readonly reading: Reading<T>;
  readonly show: (value: T) => Child;
}

/** A part of the dashboard: what is known, or in its place why it is not. */
export function Panel<T>({ id, title, span, reading, show }: PanelProps<T>) {
  return (
    <section class={`panel span${span}`} id={id} data-panel="" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {reading.isKnown ? show(reading.value) : <p class="away">Can't be shown: {reading.reason}</p>}
    </section>
  );
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => Child;
}

/** How rows are shown; the first column names them. */
export interface TableProps<Row> {
  readonly id: string;
  /** Says what the table holds; the heading above says it to the eye. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** True where each row becomes a card on a narrow screen: for rows that are read as a whole. */
  readonly stacks?: boolean;
}

/**
 * A table that scrolls within itself, also by keyboard, where the screen is narrower than it; shadows say so. One that
 * stacks names its roles, as browsers forget what is laid out otherwise.
 */
export function Table<Row>({ id, caption, columns, rows, stacks = false }: TableProps<Row>) {
  const tone = (column: Column<Row>) => column.isNumber === true ? "number" : "";
  return (
    <div
      class={stacks ? "scroll stack" : "scroll"}
      id={`${id}-scroll`}
      role="region"
      aria-label={caption}
      tabindex={0}
    >
      <table role="table">
        <caption class="unseen">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((one) => (
              <th key={one.title} scope="col" role="columnheader" class={tone(one)}>{one.title}</th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row, index) => (
            <tr key={index} role="row">
              {columns.map((one, place) =>
                place === 0
                  ? <th key={one.title} scope="row" role="rowheader">{one.cell(row)}</th>
                  : (
                    <td key={one.title} role="cell" class={tone(one)} data-title={one.title}>
                      {one.cell(row)}
                    </td>
                  )
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

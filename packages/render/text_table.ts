import { cellWidth, cleanCell, fitCell } from "./clean_cell.ts";

/** Rows of cells under titles, each column as wide as its widest cell; outside text is made safe to show. */
export function renderTextTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cleaned = [titles, ...rows.map((row) => row.map(cleanCell))];
  const widths = titles.map((_, index) => Math.max(...cleaned.map((row) => cellWidth(row[index] ?? ""))));
  return cleaned
    .map((row) => `${widths.map((width, index) => fitCell(row[index] ?? "", width)).join("  ").trimEnd()}\n`)
    .join("");
}

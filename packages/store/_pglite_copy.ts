import type { TableRows } from "@ipcascade/core";
import type { RunStatement } from "./_transaction.ts";
import { type CopyInOptions, copyInText, type CopyTarget, cutRows, orderOf, quoteName } from "./copy_rows.ts";

/** The part of a blob that PGlite uses. */
export type CopySource = Pick<Blob, "arrayBuffer">;

/** Runs a COPY from `/dev/blob`. */
export type CopyFrom = (text: string, source: CopySource) => Promise<void>;

/** Rows of a page on the way out, which is one value. */
const PAGE_ROWS = 1_000;
/** Bytes of a page on the way in. */
const PAGE_BYTES = 1024 * 1024;

/**
 * Gives rows in the order of their key, page by page. COPY itself could write them to `/dev/blob`, but runtimes keep the
 * memory of blobs until a garbage collection that nothing asks for: a million rows would fill a gigabyte.
 */
export async function* copyPagesOut(rows: TableRows, run: RunStatement): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  let after: string | null = null;
  while (true) {
    const end = await findPageEnd(rows, after, run);
    const [row] = await run(selectPage(rows, conditionOf(rows, after, end)), []) as { page: string | null }[];
    if (row?.page) yield encoder.encode(row.page);
    if (end === null) return;
    after = end;
  }
}

/** Rows as COPY's text format writes them, as one value. */
function selectPage(rows: TableRows, condition: string): string {
  const { table, columns } = rows;
  const line = columns.map(fieldOf).join(", ");
  return `select string_agg(line, '') as page from (
    select concat_ws(E'\\t', ${line}) || E'\\n' as line from ${quoteName(table)}
    where ${condition} order by ${orderOf(rows)}
  ) lines`;
}

/** Types whose values never hold what COPY escapes. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  "bigint",
  "boolean",
  "date",
  "double precision",
  "inet",
  "integer",
  "timestamp with time zone",
  "uuid",
]);

/** A field; `concat` writes values as COPY does, by their types' own output. */
function fieldOf({ name, type }: TableRows["columns"][number]): string {
  const value = `concat(${quoteName(name)})`;
  const field = PLAIN_TYPES.has(type) ? value : escape(value);
  return `case when ${quoteName(name)} is null then '\\N' else ${field} end`;
}

/** What COPY writes with a backslash (PostgreSQL, "COPY", Text Format), the backslash itself first. */
const ESCAPES = ["\\\\", "\\t", "\\n", "\\r", "\\b", "\\f", "\\v"] as const;

function escape(value: string): string {
  const escaped = ESCAPES.reduce(
    (text, escape) => `replace(${text}, E'${escape}', '${escape}')`,
    value,
  );
  return `case when ${value} ~ E'[\\\\\\\\\\t\\n\\r\\b\\f\\v]' then ${escaped} else ${value} end`;
}

/** The key of a page's last row, as a list of SQL literals; null when the page is the last one. */
async function findPageEnd(
  rows: TableRows,
  after: string | null,
  run: RunStatement,
): Promise<string | null> {
  const { table, key } = rows;
  const literals = key.map((column) => `quote_literal(${quoteName(column)}::text)`).join(` || ', ' || `);
  const text = `select ${literals} as page_end from ${quoteName(table)} where ${
    conditionOf(rows, after, null)
  }
    order by ${orderOf(rows)} offset ${PAGE_ROWS - 1} limit 1`;
  const [row] = await run(text, []) as { readonly page_end: string }[];
  return row?.page_end ?? null;
}

function conditionOf(rows: TableRows, after: string | null, end: string | null): string {
  const left = `(${orderOf(rows)})`;
  const bounds = [
    ...after === null ? [] : [`${left} > (${after})`],
    ...end === null ? [] : [`${left} <= (${end})`],
  ];
  return bounds.length === 0 ? "true" : bounds.join(" and ");
}

/** Takes rows, page by page. */
export async function copyPagesIn(
  rows: CopyTarget,
  chunks: AsyncIterable<Uint8Array>,
  { copy, ...options }: CopyInOptions & { readonly copy: CopyFrom },
): Promise<void> {
  const text = copyInText(rows, { ...options, from: "'/dev/blob'" });
  // Rows of the binary format can't be told apart, and each COPY has its own head and end.
  for await (const page of cutRows(chunks, options.isBinary ? Infinity : PAGE_BYTES)) {
    // The bytes themselves: see `copyPagesOut` for what a true blob costs.
    await copy(text, { arrayBuffer: () => Promise.resolve(page.buffer) });
  }
}

import type { TableRows } from "@ipcascade/core";
import type { RunStatement } from "./_transaction.ts";
import { copyInText, cutRows, orderOf, quoteName, selectRows } from "./copy_rows.ts";

/** Runs a COPY: gives what it wrote to `/dev/blob`, and reads from `blob`. */
export type CopyBlob = (text: string, blob?: Blob) => Promise<Blob | null>;

/** Rows of a page on the way out: PGlite holds a page twice. */
const PAGE_ROWS = 2_000;
/** Bytes of a page on the way in. */
const PAGE_BYTES = 1024 * 1024;

/** Gives rows in the order of their key, page by page: PGlite writes each into memory as a whole. */
export async function* copyPagesOut(
  rows: TableRows,
  { run, copy }: { readonly run: RunStatement; readonly copy: CopyBlob },
): AsyncIterable<Uint8Array> {
  let after: string | null = null;
  while (true) {
    const end = await findPageEnd(rows, after, run);
    const text = selectRows(rows, conditionOf(rows, after, end));
    const blob = await copy(`copy (${text}) to '/dev/blob'`);
    if (blob !== null && blob.size > 0) yield new Uint8Array(await blob.arrayBuffer());
    if (end === null) return;
    after = end;
  }
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
  rows: Pick<TableRows, "table" | "columns">,
  chunks: AsyncIterable<Uint8Array>,
  copy: CopyBlob,
): Promise<void> {
  const text = copyInText(rows, "'/dev/blob'");
  for await (const page of cutRows(chunks, PAGE_BYTES)) {
    await copy(text, new Blob([page as Uint8Array<ArrayBuffer>]));
  }
}

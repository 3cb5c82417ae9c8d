import { createInstantWriter, type InventoryRow } from "@ipcascade/core";
import { INSTANT_COLUMNS, WRITTEN_COLUMNS, type WrittenColumn } from "./_inventory_columns.ts";
import { createLineTexts, type LineTexts } from "./_line_texts.ts";

/** The columns of a line, in its order. */
export const LINE_COLUMNS: readonly { readonly name: string }[] = [
  { name: "ip_address" },
  { name: "revision" },
  { name: "asn_since" },
  ...WRITTEN_COLUMNS,
];

/**
 * Characters of a piece. Each one after the first waits until the program has time to make it, and the server waits with
 * it: small pieces let a batch take longer.
 */
const PIECE_LENGTH = 1024 * 1024;

const encoder = new TextEncoder();

/**
 * New rows as COPY's text format writes them, in pieces. The rows have to pass `canBeLines`; each piece is made when it
 * is asked for.
 */
export async function* writeLines(rows: readonly InventoryRow[]): AsyncGenerator<Uint8Array> {
  const writers = { ...createLineTexts(), writeInstant: createInstantWriter() };
  let lines = "";
  for (const row of rows) {
    lines += `${row.ipAddress}\t${row.revision + 1}\t`;
    lines += row.asnNumber === null ? NULL : writers.writeInstant(row.enrichmentAt!);
    for (const column of WRITTEN_COLUMNS) lines += "\t" + writeValue(column, row, writers);
    lines += "\n";
    if (lines.length < PIECE_LENGTH) continue;
    yield await Promise.resolve(encoder.encode(lines));
    lines = "";
  }
  if (lines !== "") yield encoder.encode(lines);
}

interface Writers extends LineTexts {
  readonly writeInstant: (instant: number) => string;
}

/** Tells whether a row is one that the inventory seems not to hold, and that a line can hold without the server's help. */
export function canBeLine(row: InventoryRow): boolean {
  if (row.revision !== 0 || row.observationCount !== 0 || row.firstSeenAt !== null) return false;
  if (row.asnNumber !== null && row.enrichmentAt === null) return false;
  return INSTANT_COLUMNS.every(({ valueOf }) => isWritable(valueOf(row) as number | null));
}

const NULL = "\\N";

function writeValue({ type, valueOf }: WrittenColumn, row: InventoryRow, writers: Writers): string {
  if (type === "jsonb") return writers.writeDocument(row.enrichment);
  const value = valueOf(row);
  if (value === null) return NULL;
  if (type === "timestamptz") return writers.writeInstant(value as number);
  return type === "text" ? writers.writeText(value as string) : String(value);
}

/** The last instant of year 9999. */
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function isWritable(instant: number | null): boolean {
  return instant === null || (Number.isInteger(instant) && instant >= 0 && instant <= LAST_INSTANT);
}

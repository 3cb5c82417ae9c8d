import type { InventoryRow } from "@ipcascade/core";
import { BinaryRows } from "./_binary_rows.ts";
import { createDocumentWriter, type DocumentWriter } from "./_document_bytes.ts";
import { type ColumnValue, WRITTEN_COLUMNS, type WrittenColumn } from "./_inventory_columns.ts";
import { cleanText } from "./_parameters.ts";

/** The columns of a row, in its order. */
export const COPIED_COLUMNS: readonly { readonly name: string; readonly type: string }[] = [
  { name: "ip_address", type: "inet" },
  { name: "revision", type: "int8" },
  { name: "asn_since", type: "timestamptz" },
  ...WRITTEN_COLUMNS,
];

/**
 * Bytes of a piece. Each one after the first waits until the program has time to make it, and the server waits with it:
 * small pieces let a batch take longer. More than a stream holds back: it would keep the memory of a piece that it does
 * not write at once.
 */
const PIECE_BYTES = 1024 * 1024;
/** Room for the row that makes a piece full: nearly all are far smaller. */
const ROW_BYTES = 16 * 1024;

/**
 * New rows as COPY's binary format takes them, in pieces, each of which is good until the next one is asked for. The rows
 * have to pass `canBeCopied`; each piece is made when it is asked for.
 */
export async function* writeRows(rows: readonly InventoryRow[]): AsyncGenerator<Uint8Array> {
  const out = new BinaryRows(PIECE_BYTES + ROW_BYTES);
  const writeDocument = createDocumentWriter();
  for (const row of rows) {
    writeRow(row, out, writeDocument);
    if (out.length >= PIECE_BYTES) yield await Promise.resolve(out.take());
  }
  out.end();
  yield out.take();
}

function writeRow(row: InventoryRow, out: BinaryRows, writeDocument: DocumentWriter): void {
  out.beginRow(COPIED_COLUMNS.length);
  out.addAddress(row.ipAddress);
  out.addInt8(row.revision + 1);
  if (row.asnNumber === null) out.addNull();
  else out.addInstant(row.enrichmentAt!);
  for (const { type, valueOf } of WRITTEN_COLUMNS) {
    if (type === "jsonb") out.addJsonb(row.enrichment, writeDocument);
    else addValue(type, valueOf(row), out);
  }
}

function addValue(type: Exclude<WrittenColumn["type"], "jsonb">, value: ColumnValue, out: BinaryRows): void {
  if (value === null) return out.addNull();
  switch (type) {
    case "text":
      return out.addText(cleanText(value as string));
    case "bool":
      return out.addBool(value as boolean);
    case "timestamptz":
      return out.addInstant(value as number);
    case "float8":
      return out.addFloat8(value as number);
    case "int4":
      return out.addInt4(value as number);
    case "int8":
      return out.addInt8(value as number);
  }
}

/**
 * Tells whether a row is one that the inventory seems not to hold, and whose numbers are of the types of their columns:
 * the server would take other ones for what they are not.
 */
export function canBeCopied(row: InventoryRow): boolean {
  if (row.revision !== 0 || row.observationCount !== 0 || row.firstSeenAt !== null) return false;
  if (row.asnNumber !== null && row.enrichmentAt === null) return false;
  for (const { least, most, valueOf } of INTEGER_COLUMNS) {
    const value = valueOf(row) as number | null;
    if (value !== null && !(Number.isInteger(value) && value >= least && value <= most)) return false;
  }
  return true;
}

/** Smallest and largest value of a type; instants as far as their microseconds are safe integers, up to the year 2285. */
const BOUNDS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  int4: [-(2 ** 31), 2 ** 31 - 1],
  int8: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  timestamptz: [0, Date.UTC(2000, 0, 1) + Math.floor(Number.MAX_SAFE_INTEGER / 1000)],
};

const INTEGER_COLUMNS = WRITTEN_COLUMNS.flatMap(({ type, valueOf }) => {
  const bounds = BOUNDS[type];
  return bounds === undefined ? [] : [{ least: bounds[0], most: bounds[1], valueOf }];
});

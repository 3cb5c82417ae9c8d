import { type IpRecord, isFailedRecord, SOURCE_NAMES } from "@ipcascade/core";
import { cellWidth, cleanCell, fitCell } from "./clean_cell.ts";
import type { RecordRenderer } from "./record_renderer.ts";

interface Column {
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly read: (record: IpRecord) => string;
}

const COLUMNS: readonly Column[] = [
  { title: "ADDRESS", min: 15, max: 39, read: (record) => record.ip_address },
  { title: "CC", min: 2, max: 2, read: (record) => record.geo_country ?? "" },
  { title: "CITY", min: 10, max: 22, read: (record) => record.geo_city ?? "" },
  {
    title: "ASN",
    min: 8,
    max: 12,
    read: (record) => record.asn_number === null ? "" : `AS${record.asn_number}`,
  },
  { title: "ORGANISATION", min: 16, max: 34, read: (record) => record.asn_org ?? "" },
  { title: "SEEN AS", min: 12, max: 26, read: describeSighting },
  { title: "SAID BY", min: 12, max: 26, read: describeSources },
];

/** A table for people. The first batch decides the widths, so that a stream needs no second pass. */
export function createTableRenderer(): RecordRenderer {
  let widths: readonly number[] | null = null;
  return {
    begin: () => "",
    records(batch) {
      const rows = batch.map((record) => isFailedRecord(record) ? record : readCells(record));
      let text = "";
      if (widths === null) {
        widths = measure(rows.filter((row) => Array.isArray(row)) as string[][]);
        text = writeRow(COLUMNS.map((column) => column.title), widths);
      }
      for (const row of rows) {
        text += "error" in row ? `${cleanCell(row.error.message)}\n` : writeRow(row, widths);
      }
      return text;
    },
    end: () => "",
  };
}

function readCells(record: IpRecord): string[] {
  return COLUMNS.map((column) => cleanCell(column.read(record)));
}

function measure(rows: readonly (readonly string[])[]): number[] {
  return COLUMNS.map((column, index) => {
    const widest = rows.reduce((width, row) => Math.max(width, cellWidth(row[index]!)), column.title.length);
    return Math.min(column.max, Math.max(column.min, widest));
  });
}

function writeRow(cells: readonly string[], widths: readonly number[]): string {
  return `${cells.map((cell, index) => fitCell(cell, widths[index]!)).join("  ").trimEnd()}\n`;
}

function describeSighting(record: IpRecord): string {
  if (record.scope !== "global") return record.scope.replaceAll("_", " ");
  const { greynoise } = record.enrichment;
  if (greynoise === undefined) return "";
  const name = greynoise.name === null || greynoise.name === "unknown" ? "" : ` ${greynoise.name}`;
  if (greynoise.riot) return `riot${name}`;
  if (greynoise.noise) return `scanner ${greynoise.classification ?? ""}${name}`.trim();
  return "not seen";
}

function describeSources(record: IpRecord): string {
  const { sources } = record.enrichment._meta;
  const said = SOURCE_NAMES.filter((name) => record.enrichment[name] !== undefined);
  const failed = SOURCE_NAMES.filter((name) => sources[name]?.outcome === "failed");
  return [...said, ...failed.map((name) => `${name} failed`)].join(", ");
}

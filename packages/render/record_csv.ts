import { type IpRecord, isFailedRecord, type OutputRecord } from "@ipcascade/core";
import { writeCsvCell, writeGuardedCsvCell } from "./csv_cell.ts";
import type { RecordRenderer } from "./record_renderer.ts";

/** The columns, in this order; new ones are only ever added at the end. */
export const CSV_COLUMNS = [
  "input",
  "ip_address",
  "scope",
  "geo_country",
  "geo_city",
  "geo_latitude",
  "geo_longitude",
  "asn_number",
  "asn_org",
  "asn_source",
  "is_scanner",
  "riot",
  "classification",
  "enrichment_ts",
  "scanner_ts",
  "from_inventory",
  "error",
] as const;

type Cell = string | number | boolean | null | undefined;

/**
 * CSV of RFC 4180 with a header row. Values of records are written as they are, so that they can be read back: a
 * spreadsheet may take a name that starts with `=` for a formula. An input that is no address is whatever an attacker
 * had logged, and there is nothing to look up by it: it is written so that neither terminal nor spreadsheet obeys it.
 */
export function createCsvRenderer(): RecordRenderer {
  return {
    begin: () => `${CSV_COLUMNS.join(",")}\r\n`,
    records: (batch) => batch.map((record) => `${writeRow(record)}\r\n`).join(""),
    end: () => "",
  };
}

function writeRow(record: OutputRecord): string {
  if (!isFailedRecord(record)) return cellsOf(record).map(writeCsvCell).join(",");
  const between = ",".repeat(CSV_COLUMNS.length - 1);
  return writeGuardedCsvCell(record.input) + between + writeGuardedCsvCell(record.error.message);
}

function cellsOf(record: IpRecord): readonly Cell[] {
  const { greynoise } = record.enrichment;
  return [
    record.input,
    record.ip_address,
    record.scope,
    record.geo_country,
    record.geo_city,
    record.geo_latitude,
    record.geo_longitude,
    record.asn_number,
    record.asn_org,
    record.asn_source,
    record.is_scanner,
    greynoise?.riot,
    greynoise?.classification,
    record.enrichment_ts,
    record.scanner_ts,
    record.from_inventory,
    null,
  ];
}

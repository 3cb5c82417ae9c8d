import type { InventoryRow, SourceName } from "@ipcascade/core";
import { arrayLiteral, cleanJson, joinTexts, textList } from "./_parameters.ts";

type ColumnType = "text" | "float8" | "int4" | "int8" | "bool" | "jsonb" | "timestamptz";
/** Instants are milliseconds. */
export type ColumnValue = string | number | boolean | null;

/** A column that enrichment writes: its name, its type and how a row's value is sent. Instants are milliseconds. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly valueOf: (row: InventoryRow) => ColumnValue;
}

/** What enrichment writes besides the key, the revision and `asn_since`. */
export const WRITTEN_COLUMNS: readonly WrittenColumn[] = [
  // 'XX' is how some sources spell "unknown"; the inventory spells it null.
  { name: "geo_country", type: "text", valueOf: (row) => row.geoCountry === "XX" ? null : row.geoCountry },
  { name: "geo_city", type: "text", valueOf: (row) => row.geoCity },
  { name: "geo_latitude", type: "float8", valueOf: (row) => row.geoLatitude },
  { name: "geo_longitude", type: "float8", valueOf: (row) => row.geoLongitude },
  { name: "asn_number", type: "int8", valueOf: (row) => row.asnNumber },
  { name: "asn_org", type: "text", valueOf: (row) => row.asnOrg },
  { name: "asn_source", type: "text", valueOf: (row) => row.asnSource },
  { name: "is_scanner", type: "bool", valueOf: (row) => row.isScanner },
  { name: "enrichment", type: "jsonb", valueOf: (row) => cleanJson(row.enrichment) },
  { name: "enrichment_ts", type: "timestamptz", valueOf: (row) => row.enrichmentAt },
  { name: "scanner_ts", type: "timestamptz", valueOf: (row) => row.scannerAt },
  ...attemptColumns("maxmind"),
  ...attemptColumns("cymru"),
  ...attemptColumns("greynoise"),
  { name: "city_build_epoch", type: "int8", valueOf: (row) => row.cityBuildEpoch },
  { name: "asn_build_epoch", type: "int8", valueOf: (row) => row.asnBuildEpoch },
];

function attemptColumns(source: SourceName): readonly WrittenColumn[] {
  return [
    { name: `${source}_outcome`, type: "text", valueOf: (row) => row.attempts[source].outcome },
    {
      name: `${source}_attempted_at`,
      type: "timestamptz",
      valueOf: (row) => row.attempts[source].attemptedAt,
    },
    { name: `${source}_retry_at`, type: "timestamptz", valueOf: (row) => row.attempts[source].retryAt },
    { name: `${source}_failures`, type: "int4", valueOf: (row) => row.attempts[source].failures },
  ];
}

/** The placeholder of a whole column, as an array to unnest. */
export function columnArray(column: WrittenColumn, placeholder: string): string {
  if (column.type === "text" || column.type === "jsonb") return textList(placeholder);
  return `${placeholder}::text::${column.type === "timestamptz" ? "float8" : column.type}[]`;
}

/** One element of the unnested column as the column's own type. */
export function columnElement(column: WrittenColumn, element: string): string {
  if (column.type === "timestamptz") return `to_timestamp(${element} / 1000)`;
  return column.type === "jsonb" ? `${element}::jsonb` : element;
}

/** The parameter for `columnArray`. */
export function columnParameter(column: WrittenColumn, rows: readonly InventoryRow[]): string | null {
  const values = rows.map(column.valueOf);
  return column.type === "text" || column.type === "jsonb"
    ? joinTexts(values as (string | null)[])
    : arrayLiteral(values);
}

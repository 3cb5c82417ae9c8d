import {
  type Enrichment,
  type InventoryRow,
  type OutcomeStatus,
  parseAddress,
  type SourceAttempt,
  type SourceName,
} from "@ipcascade/core";
import { arrayLiteral, cleanJson, joinTexts, textList } from "./_parameters.ts";

type ColumnType = "inet" | "text" | "float8" | "int8" | "bool" | "jsonb" | "timestamptz";
type ColumnValue = string | number | boolean | null;

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
    { name: `${source}_failures`, type: "int8", valueOf: (row) => row.attempts[source].failures },
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

/** A row of `READ_COLUMNS`. */
export type StoredRow = Readonly<Record<string, unknown>>;

const COUNTS = ["observation_count", "revision"];
const INSTANTS = ["first_seen_at", "last_seen_at"];

/** The select list that `readInventoryRow` understands. Instants are milliseconds, counts are `float8`. */
export const READ_COLUMNS: string = [
  "host(ip_address) as ip_address",
  ...WRITTEN_COLUMNS.map(({ name, type }) => readColumn(name, type)),
  ...COUNTS.map((name) => readColumn(name, "int8")),
  ...INSTANTS.map((name) => readColumn(name, "timestamptz")),
].join(", ");

function readColumn(name: string, type: ColumnType): string {
  if (type === "timestamptz") return `date_part('epoch', ${name}) * 1000 as ${name}`;
  return type === "int8" ? `${name}::float8 as ${name}` : name;
}

/** Turns a stored row into the core's record. */
export function readInventoryRow(row: StoredRow): InventoryRow {
  return {
    ipAddress: readAddress(row.ip_address as string),
    geoCountry: row.geo_country as string | null,
    geoCity: row.geo_city as string | null,
    geoLatitude: row.geo_latitude as number | null,
    geoLongitude: row.geo_longitude as number | null,
    asnNumber: row.asn_number as number | null,
    asnOrg: row.asn_org as string | null,
    asnSource: row.asn_source as InventoryRow["asnSource"],
    isScanner: row.is_scanner as boolean,
    enrichment: row.enrichment as Enrichment,
    enrichmentAt: readInstant(row.enrichment_ts),
    scannerAt: readInstant(row.scanner_ts),
    attempts: {
      maxmind: readAttempt(row, "maxmind"),
      cymru: readAttempt(row, "cymru"),
      greynoise: readAttempt(row, "greynoise"),
    },
    cityBuildEpoch: row.city_build_epoch as number | null,
    asnBuildEpoch: row.asn_build_epoch as number | null,
    observationCount: row.observation_count as number,
    firstSeenAt: readInstant(row.first_seen_at),
    lastSeenAt: readInstant(row.last_seen_at),
    revision: row.revision as number,
  };
}

function readAttempt(row: StoredRow, source: SourceName): SourceAttempt {
  return {
    outcome: row[`${source}_outcome`] as OutcomeStatus | null,
    attemptedAt: readInstant(row[`${source}_attempted_at`]),
    retryAt: readInstant(row[`${source}_retry_at`]),
    failures: row[`${source}_failures`] as number,
  };
}

/** Whole milliseconds: seconds as a float lose the last digits, and imports keep microseconds. */
function readInstant(value: unknown): number | null {
  return typeof value === "number" ? Math.round(value) : null;
}

/** The canonical text of what `host` printed: `::1.2.3.4` is PostgreSQL's, `::102:304` is ours. */
export function readAddress(text: string): string {
  if (!text.includes(".") || !text.includes(":")) return text;
  return parseAddress(text)?.text ?? text;
}

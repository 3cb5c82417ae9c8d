import {
  classifyScope,
  emptyEnrichment,
  type Enrichment,
  type InventoryRow,
  type OutcomeStatus,
  parseAddress,
  type SourceAttempt,
  type SourceName,
} from "@ipcascade/core";
import { FieldReader } from "./_field_reader.ts";

/**
 * What `readInventoryRow` reads, in this order: types stand together, as `format` looks up how to write a type whenever
 * it changes. None of it holds a tab: JSON escapes them.
 */
const EXPRESSIONS: readonly string[] = [
  "host(ip_address)",
  "asn_source",
  "to_json(asn_org)",
  "to_json(geo_country)",
  "to_json(geo_city)",
  "is_scanner",
  "asn_number",
  "city_build_epoch",
  "asn_build_epoch",
  "observation_count",
  "revision",
  "geo_latitude",
  "geo_longitude",
  milliseconds("enrichment_ts"),
  milliseconds("scanner_ts"),
  milliseconds("first_seen_at"),
  milliseconds("last_seen_at"),
  ...attempt("maxmind"),
  ...attempt("cymru"),
  ...attempt("greynoise"),
  "enrichment",
];

function attempt(source: SourceName): readonly string[] {
  return [
    milliseconds(`${source}_attempted_at`),
    milliseconds(`${source}_retry_at`),
    `${source}_failures`,
    `${source}_outcome`,
  ];
}

function milliseconds(instant: string): string {
  return `date_part('epoch', ${instant}) * 1000`;
}

const FORMAT = `E'${EXPRESSIONS.map(() => "%s").join("\\t")}'`;

/**
 * All rows as one text for `readInventoryRows`: fields between tabs, null as an empty one. The embedded database spends
 * most of its time on handing over fields one by one. A server spends 12.0 microseconds on a row, 12.9 with `concat`,
 * which takes each tab for one more value, and 15.1 with JSON arrays (medians of 21 on PostgreSQL 18).
 */
export const INVENTORY_ROWS = `string_agg(format(${FORMAT}, ${EXPRESSIONS.join(", ")}), chr(9))`;

/** Reads what `INVENTORY_ROWS` gave; null is no row. */
export function readInventoryRows(text: string | null): InventoryRow[] {
  const rows: InventoryRow[] = [];
  if (text === null) return rows;
  const fields = new FieldReader(text);
  while (!fields.isOver) rows.push(readInventoryRow(fields));
  return rows;
}

function readInventoryRow(fields: FieldReader): InventoryRow {
  // The fields are read in the order of EXPRESSIONS.
  const ipAddress = readAddress(fields.next());
  return {
    ipAddress,
    asnSource: fields.nextWord<NonNullable<InventoryRow["asnSource"]>>(),
    asnOrg: fields.nextText(),
    geoCountry: fields.nextText(),
    geoCity: fields.nextText(),
    isScanner: fields.next() === "t",
    asnNumber: fields.nextNumber(),
    cityBuildEpoch: fields.nextNumber(),
    asnBuildEpoch: fields.nextNumber(),
    observationCount: fields.nextNumber() ?? 0,
    revision: fields.nextNumber() ?? 0,
    geoLatitude: fields.nextNumber(),
    geoLongitude: fields.nextNumber(),
    enrichmentAt: fields.nextInstant(),
    scannerAt: fields.nextInstant(),
    firstSeenAt: fields.nextInstant(),
    lastSeenAt: fields.nextInstant(),
    attempts: { maxmind: readAttempt(fields), cymru: readAttempt(fields), greynoise: readAttempt(fields) },
    enrichment: readEnrichment(fields.next(), ipAddress),
  };
}

/** The document; what every one of ours has is put into those that others wrote. */
function readEnrichment(text: string, ipAddress: string): Enrichment {
  const document: Partial<Enrichment> = JSON.parse(text);
  if (isRecord(document.address) && isRecord(document._meta?.sources)) return document as Enrichment;
  const address = parseAddress(ipAddress);
  const { address: scope, _meta } = emptyEnrichment(address === null ? "reserved" : classifyScope(address));
  return {
    ...document,
    address: isRecord(document.address) ? document.address! : scope,
    _meta: isRecord(document._meta?.sources) ? document._meta! : _meta,
  };
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readAttempt(fields: FieldReader): SourceAttempt {
  return {
    attemptedAt: fields.nextInstant(),
    retryAt: fields.nextInstant(),
    failures: fields.nextNumber() ?? 0,
    outcome: fields.nextWord<OutcomeStatus>(),
  };
}

/** The canonical text of what `host` printed: `::1.2.3.4` is PostgreSQL's, `::102:304` is ours. */
export function readAddress(text: string): string {
  if (!text.includes(".") || !text.includes(":")) return text;
  return parseAddress(text)?.text ?? text;
}

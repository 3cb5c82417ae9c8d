import { formatInstant } from "./clock.ts";
import type { Enrichment } from "./enrichment.ts";
import type { InputError } from "./input_error.ts";
import type { InventoryRow } from "./inventory.ts";
import type { Scope } from "./scope.ts";

/** What is known about one input: one entry of the JSON array, one NDJSON line, one body of the API. */
export interface IpRecord {
  /** The text as it was given. */
  readonly input: string;
  readonly ip_address: string;
  readonly scope: Scope;
  readonly geo_country: string | null;
  readonly geo_city: string | null;
  readonly geo_latitude: number | null;
  readonly geo_longitude: number | null;
  readonly asn_number: number | null;
  readonly asn_org: string | null;
  readonly asn_source: "maxmind" | "cymru" | null;
  readonly is_scanner: boolean;
  /** RFC 3339 UTC; when MaxMind or Cymru last answered. */
  readonly enrichment_ts: string | null;
  /** RFC 3339 UTC; when GreyNoise last answered. */
  readonly scanner_ts: string | null;
  readonly enrichment: Enrichment;
  /** True when no source was asked for this record. */
  readonly from_inventory: boolean;
}

/** An input that can't be looked up, in its place of the output. */
export interface FailedRecord {
  readonly input: string;
  readonly error: InputError;
}

/** One place of the output. */
export type OutputRecord = IpRecord | FailedRecord;

/** Tells the two kinds of output apart. */
export function isFailedRecord(record: OutputRecord): record is FailedRecord {
  return "error" in record;
}

/** The record of an inventory row. */
export function recordFromRow(
  row: InventoryRow,
  options: {
    readonly input: string;
    readonly fromInventory: boolean;
    /** Writes instants; default `formatInstant`. */
    readonly write?: typeof formatInstant;
  },
): IpRecord {
  const { write = formatInstant } = options;
  return {
    input: options.input,
    ip_address: row.ipAddress,
    scope: row.enrichment.address.scope,
    geo_country: row.geoCountry,
    geo_city: row.geoCity,
    geo_latitude: row.geoLatitude,
    geo_longitude: row.geoLongitude,
    asn_number: row.asnNumber,
    asn_org: row.asnOrg,
    asn_source: row.asnSource,
    is_scanner: row.isScanner,
    enrichment_ts: write(row.enrichmentAt),
    scanner_ts: write(row.scannerAt),
    enrichment: row.enrichment,
    from_inventory: options.fromInventory,
  };
}

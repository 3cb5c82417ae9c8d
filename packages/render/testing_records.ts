import { emptyRow, type IpRecord, recordFromRow } from "@ipcascade/core";

/** A record with everything in it. */
export function fullRecord(changes: Partial<IpRecord> = {}): IpRecord {
  const record = recordFromRow(emptyRow("8.8.8.8", "global"), { input: "8.8.8.8", fromInventory: false });
  const checked_at = "2026-11-23T12:00:00.000Z";
  return {
    ...record,
    geo_country: "US",
    geo_city: "Mountain View",
    asn_number: 15169,
    asn_org: "GOOGLE, Inc",
    asn_source: "maxmind",
    enrichment: {
      ...record.enrichment,
      greynoise: {
        noise: false,
        riot: true,
        classification: "benign",
        name: "Google Public DNS",
        last_seen: "2026-11-20",
        checked_at,
      },
      _meta: {
        version: 1,
        sources: { cymru: { outcome: "failed", reason: "timeout", checked_at, duration_ms: 1 } },
      },
    },
    ...changes,
  };
}

import {
  emptyRow,
  type InventoryRow,
  type MaxmindAnswer,
  type RowState,
  type SourceAttempt,
} from "@ipcascade/core";

/** 2026-11-23T12:00:00.123Z. */
export const NOON = Date.UTC(2026, 10, 23, 12, 0, 0, 123);

const NEVER: SourceAttempt = { outcome: null, attemptedAt: null, retryAt: null, failures: 0 };

/** A row that MaxMind answered with this ASN at `checkedAt`. */
export function maxmindRow(ipAddress: string, asn: number, checkedAt: number = NOON): InventoryRow {
  return {
    ...emptyRow(ipAddress, "global"),
    geoCountry: "DE",
    geoCity: "Köln",
    geoLatitude: 50.9375,
    geoLongitude: -6.96,
    asnNumber: asn,
    asnOrg: `ORG-${asn}`,
    asnSource: "maxmind",
    enrichment: {
      maxmind: maxmindAnswer(asn, checkedAt),
      address: { scope: "global" },
      _meta: { version: 1, sources: {} },
    },
    enrichmentAt: checkedAt,
    attempts: {
      maxmind: { outcome: "hit", attemptedAt: checkedAt, retryAt: null, failures: 0 },
      cymru: { ...NEVER, outcome: "skipped" },
      greynoise: { outcome: "failed", attemptedAt: checkedAt, retryAt: checkedAt + 60_000, failures: 3 },
    },
    cityBuildEpoch: 1_795_000_000,
    asnBuildEpoch: 1_795_000_001,
  };
}

function maxmindAnswer(asn: number, checkedAt: number): MaxmindAnswer {
  return {
    country_code: "DE",
    country_name: "Germany",
    city: "Köln",
    latitude: 50.9375,
    longitude: -6.96,
    accuracy_radius: 20,
    asn,
    asn_org: `ORG-${asn}`,
    database_build: "2026-11-20T00:00:00.000Z",
    checked_at: new Date(checkedAt).toISOString(),
  };
}

/** A row whose ASN Team Cymru named. */
export function cymruRow(ipAddress: string, asn: number, registered: { registry: string; country: string }) {
  const base = emptyRow(ipAddress, "global");
  const checkedAt = new Date(NOON).toISOString();
  const row: InventoryRow = {
    ...base,
    asnNumber: asn,
    asnOrg: `CYMRU-${asn}`,
    asnSource: "cymru",
    enrichmentAt: NOON,
    enrichment: {
      ...base.enrichment,
      cymru: {
        asn,
        asns: [asn],
        asn_org: `CYMRU-${asn}`,
        country_code: registered.country,
        registry: registered.registry,
        prefix: "192.0.2.0/24",
        allocated: "2001-02-03",
        checked_at: checkedAt,
      },
    },
  };
  return row;
}

/** What of a row decides whether a source is asked about it. */
export function stateOf(row: InventoryRow): RowState {
  const { asnSource, enrichmentAt, scannerAt, cityBuildEpoch, asnBuildEpoch, attempts } = row;
  const state = ({ outcome, attemptedAt, retryAt }: SourceAttempt) => ({ outcome, attemptedAt, retryAt });
  const { maxmind, cymru, greynoise } = attempts;
  return {
    asnSource,
    enrichmentAt,
    scannerAt,
    cityBuildEpoch,
    asnBuildEpoch,
    attempts: { maxmind: state(maxmind), cymru: state(cymru), greynoise: state(greynoise) },
  };
}

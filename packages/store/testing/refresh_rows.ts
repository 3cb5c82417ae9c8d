import {
  ALL_ROWS,
  type CymruAnswer,
  type DueQuery,
  emptyRow,
  formatInstant,
  type GreynoiseAnswer,
  type InstalledEditions,
  type InventoryRow,
  type LookupOutcome,
  type MaxmindAnswer,
  MS_PER_DAY,
  neverSeen,
  type RefreshStore,
  type RemoteSource,
  type SourceAnswer,
  type SourceName,
} from "@ipcascade/core";
import { createSqlInventoryStore } from "../inventory_store.ts";
import { createSqlRefreshStore } from "../refresh_store.ts";
import type { SqlClient } from "../sql_client.ts";
import { cymruRow, NOON } from "./rows.ts";

/** Every row that is due at noon. */
export const QUERY: DueQuery = { now: NOON, filter: ALL_ROWS, force: false };
/** Newer than the builds of `rows.ts`. */
export const INSTALLED: InstalledEditions = { cityBuildEpoch: 1_796_000_000, asnBuildEpoch: 1_796_000_001 };
/** One page of all. */
export const ALL = { after: null, limit: 100 };

/** A clock of the machine: claims go by the database's clock anyway. */
const CLOCK = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

/** The stores on a database. */
export function open(sql: SqlClient) {
  return { store: createSqlRefreshStore({ sql, clock: CLOCK }), inventory: createSqlInventoryStore(sql) };
}

/** A row that GreyNoise answered so many days ago. */
export function greynoiseRow(ipAddress: string, days: number, activity = 0): InventoryRow {
  const at = NOON - days * MS_PER_DAY;
  const row = emptyRow(ipAddress, "global");
  return {
    ...row,
    isScanner: true,
    scannerAt: at,
    observationCount: activity,
    attempts: { ...row.attempts, greynoise: { outcome: "hit", attemptedAt: at, retryAt: null, failures: 0 } },
    enrichment: { ...row.enrichment, greynoise: { ...neverSeen(formatInstant(at)), noise: true } },
  };
}

/** A row that Cymru answered so many days ago. */
export function oldCymruRow(ipAddress: string, days: number): InventoryRow {
  const at = NOON - days * MS_PER_DAY;
  const row = cymruRow(ipAddress, 64_501, { registry: "ripencc", country: "DE" });
  return {
    ...row,
    enrichmentAt: at,
    attempts: { ...row.attempts, cymru: { outcome: "hit", attemptedAt: at, retryAt: null, failures: 0 } },
  };
}

/** A row that a source failed twice. */
export function failedRow(source: RemoteSource, ipAddress: string, retryAt: number): InventoryRow {
  const row = emptyRow(ipAddress, "global");
  const attempt = { outcome: "failed" as const, attemptedAt: NOON - 1_000, retryAt, failures: 2 };
  return { ...row, attempts: { ...row.attempts, [source]: attempt } };
}

/** The due and free rows, in order. */
export async function listAll(
  store: RefreshStore,
  source: RemoteSource,
  query = QUERY,
): Promise<readonly string[]> {
  return (await store.listDue(source, query, ALL)).addresses;
}

/** What GreyNoise may say. */
export const GREYNOISE: GreynoiseAnswer = {
  noise: true,
  riot: false,
  classification: "malicious",
  name: 'Mirai "x" \u00fc\\',
  last_seen: "2026-11-20",
  checked_at: formatInstant(NOON),
};
const CYMRU: CymruAnswer = {
  asn: 64_777,
  asns: [64_777, 64_778],
  asn_org: "EXAMPLE Ü",
  country_code: "FR",
  registry: "ripencc",
  prefix: "203.0.113.0/24",
  allocated: "2001-02-03",
  checked_at: formatInstant(NOON),
};
/** What MaxMind may say. */
export const MAXMIND: MaxmindAnswer = {
  country_code: "FR",
  country_name: "France",
  city: "Besançon",
  latitude: 47.2378,
  longitude: 6.0241,
  accuracy_radius: 5,
  asn: 64_999,
  asn_org: "EXAMPLE-FR",
  database_build: formatInstant(1_796_000_000_000),
  checked_at: formatInstant(NOON),
};

/** What asking a source may come to. */
export function outcomesOf(source: SourceName): readonly LookupOutcome<SourceAnswer>[] {
  const hits: Readonly<Record<SourceName, readonly SourceAnswer[]>> = {
    maxmind: [MAXMIND, { ...MAXMIND, asn: null, asn_org: null }, { ...MAXMIND, country_code: "XX" }],
    cymru: [CYMRU, { ...CYMRU, asn: 64_501, asn_org: null }],
    greynoise: [GREYNOISE, { ...GREYNOISE, noise: false, name: null }],
  };
  return [
    ...hits[source].map((data) => ({ status: "hit" as const, data, durationMs: 12.3456 })),
    { status: "miss", durationMs: 3 },
    { status: "failed", failure: { reason: "timeout", message: "no answer" }, durationMs: 30_000 },
  ];
}

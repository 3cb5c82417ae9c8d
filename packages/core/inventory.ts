import type { Enrichment } from "./enrichment.ts";
import type { OutcomeStatus, SourceName } from "./outcome.ts";
import type { StateGroup } from "./row_state.ts";

/** How the latest attempt at one source ended for one address. Instants are milliseconds since 1970 UTC. */
export interface SourceAttempt {
  /** Null when the source was never considered. */
  readonly outcome: OutcomeStatus | null;
  /** When the source was last really asked; null when it never was. A skip does not move it. */
  readonly attemptedAt: number | null;
  /** Earliest next attempt after a failure; null when nothing holds it back. */
  readonly retryAt: number | null;
  /** Failures in a row, for the back-off. */
  readonly failures: number;
}

/** One row of `ip_inventory`. Instants are milliseconds since 1970 UTC. */
export interface InventoryRow {
  /** Canonical text, as `parseAddress` gives it. */
  readonly ipAddress: string;
  readonly geoCountry: string | null;
  readonly geoCity: string | null;
  readonly geoLatitude: number | null;
  readonly geoLongitude: number | null;
  readonly asnNumber: number | null;
  readonly asnOrg: string | null;
  readonly asnSource: "maxmind" | "cymru" | null;
  readonly isScanner: boolean;
  readonly enrichment: Enrichment;
  /** When MaxMind or Cymru last answered. */
  readonly enrichmentAt: number | null;
  /** When GreyNoise last answered. */
  readonly scannerAt: number | null;
  readonly attempts: Readonly<Record<SourceName, SourceAttempt>>;
  /** Build epochs (seconds) of the editions the row was read from; null where there was none. */
  readonly cityBuildEpoch: number | null;
  readonly asnBuildEpoch: number | null;
  /** Activity, written by imports only. */
  readonly observationCount: number;
  readonly firstSeenAt: number | null;
  readonly lastSeenAt: number | null;
  /** Grows by one with each enrichment write; 0 for a row that enrichment never wrote. */
  readonly revision: number;
}

/** What makes an address busy enough to be worth a request. Runbook thresholds: 10, 5 and 300 s; any one suffices. */
export interface ActivityFilter {
  readonly minCommands: number;
  readonly minDownloads: number;
  readonly minDurationS: number;
}

/** The inventory as the cascade uses it. Every method throws `StoreError` when the database fails. */
export interface InventoryStore {
  /** Reads the rows of these canonical addresses in one query; unknown addresses are absent from the map. */
  findMany(addresses: readonly string[]): Promise<Map<string, InventoryRow>>;
  /**
   * Reads in one query what decides whether anybody is asked about these canonical addresses; unknown addresses are in
   * no group. Reads no document, which makes it several times as fast as `findMany`.
   */
  findStates(addresses: readonly string[]): Promise<readonly StateGroup[]>;
  /**
   * Inserts or replaces the enrichment part of these rows in one transaction, in address order; never touches
   * activity. A row is written only while its stored revision is still `row.revision` (0 for a new one); the
   * stored revision becomes `row.revision + 1`. Returns the addresses that somebody else changed in between and
   * that were therefore not written. The rows stay the caller's, who may change them afterwards.
   */
  saveMany(rows: readonly InventoryRow[]): Promise<readonly string[]>;
  /** Those of the addresses that have a session passing the filter. */
  findActive(addresses: readonly string[], filter: ActivityFilter): Promise<Set<string>>;
}

import type { SkipReason, SourceName } from "@ipcascade/core";

/** What a refresh did at one source; numbers count rows. */
export interface SourceRefresh {
  /** Rows that the source was asked about: `refreshed + missed + failed`. */
  readonly attempted: number;
  /** Rows that have a new answer. */
  readonly refreshed: number;
  /** Rows about which the source knows nothing; that is an answer, too. */
  readonly missed: number;
  /** Due rows that were left alone. */
  readonly skipped: number;
  readonly failed: number;
  /** Rows that are due now, those that were skipped included; failed ones wait for their next attempt. */
  readonly remaining: number;
  readonly skipped_for: Readonly<Partial<Record<SkipReason, number>>>;
  readonly failed_for: Readonly<Record<string, number>>;
  /** When the skipped rows may be asked again, RFC 3339; null where that is not known. */
  readonly until: string | null;
  /** One sentence about the first failure, without secrets. */
  readonly first_failure: string | null;
  readonly elapsed_ms: number;
}

/** The report of `refreshStale` and `backfillAsn`. */
export interface RefreshReport {
  /** Sources that were not chosen are absent. */
  readonly sources: Readonly<Partial<Record<SourceName, SourceRefresh>>>;
  readonly elapsed_ms: number;
  /** True when a stop signal ended the run early. */
  readonly stopped: boolean;
}

/**
 * What is slow. The look-ups' limits and the timeout's remedy are the runbook's (Slow Enrichment); the others are this
 * program's own, see docs/performance-tuning.md.
 */
export interface LatencyLimits {
  /** Runbook: the first look-up takes about 50 ms. */
  readonly firstLookupMs: number;
  /** Runbook: later look-ups take less than 5 ms. */
  readonly warmLookupMs: number;
  /** Part of a source's timeout that its 95th percentile may take. */
  readonly timeoutPart: number;
  /** Part of a source's requests that may time out. */
  readonly timedOutPart: number;
  /** There and back to the database: a batch needs some ten statements. */
  readonly roundTripMs: number;
  readonly slowStatementMs: number;
  readonly lockWaitMs: number;
  /** Part of a server's connections that may be in use. */
  readonly connectionPart: number;
  /** How long an answer of the database is waited for. */
  readonly patienceMs: number;
  /** How long opening the database is waited for. */
  readonly openingMs: number;
}

/** The limits unless told otherwise. */
export const LATENCY_LIMITS: LatencyLimits = {
  firstLookupMs: 50,
  warmLookupMs: 5,
  timeoutPart: 0.5,
  timedOutPart: 0.1,
  roundTripMs: 50,
  slowStatementMs: 5_000,
  lockWaitMs: 1_000,
  connectionPart: 0.9,
  patienceMs: 3_000,
  openingMs: 10_000,
};

/** Rounds milliseconds for a report: microseconds below one, tenths above. */
export function roundLatency(ms: number): number {
  return ms < 1 ? Math.round(ms * 1_000) / 1_000 : Math.round(ms * 10) / 10;
}

import { MS_PER_DAY, type RequestHistory } from "@ipcascade/core";
import { concludeDiagnosis } from "./conclude.ts";
import { type DatabaseDeps, diagnoseDatabase } from "./diagnose_database.ts";
import { diagnoseLookups, type OpenEditionReader } from "./diagnose_lookups.ts";
import { diagnoseSources, type SourceTimeouts } from "./diagnose_sources.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { LATENCY_LIMITS, type LatencyLimits } from "./latency_limits.ts";
import { type SourceLatency, summariseLatency } from "./source_latency.ts";

/** What diagnosing latency works with. */
export interface LatencyDeps extends DatabaseDeps {
  readonly requests: RequestHistory;
  readonly timeouts: SourceTimeouts;
  readonly openEditions: OpenEditionReader;
}

/** How latency is diagnosed; everything has a default. */
export interface LatencyOptions {
  /** Default `LATENCY_LIMITS`. */
  readonly limits?: Partial<LatencyLimits>;
}

/** The diagnosis of latency, with the figures of each source over the last 24 hours. */
export interface LatencyDiagnosis extends Diagnosis {
  readonly sources: readonly SourceLatency[];
}

/**
 * Explains slow enrichment (runbook: Slow Enrichment): what the record of requests says about each source, what the
 * database says about itself, and what look-ups in the editions take now. Asks no source. Throws `StoreError` when
 * the database fails.
 */
export async function diagnoseLatency(
  deps: LatencyDeps,
  options: LatencyOptions = {},
): Promise<LatencyDiagnosis> {
  const { clock, requests, timeouts } = deps;
  const startedMs = clock.elapsed();
  const limits = { ...LATENCY_LIMITS, ...options.limits };
  const database = await diagnoseDatabase(deps, limits);
  // A database that gives no answer would not give this one either.
  const isAnswering = database.causes.every(({ grade }) => grade !== "critical");
  const hours = isAnswering ? await requests.list(clock.now() - MS_PER_DAY) : [];
  const sources = summariseLatency(hours);
  const lookups = await diagnoseLookups(deps, limits);
  const parts = [database, diagnoseSources(sources, timeouts, limits), lookups];
  const calm = "Nothing is slow: neither the sources, nor the database, nor MaxMind's look-ups.";
  return { ...concludeDiagnosis("latency", parts, { clock, startedMs, calm }), sources };
}

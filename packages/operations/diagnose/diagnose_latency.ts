import { MS_PER_DAY, MS_PER_SECOND, type RequestHistory } from "@ipcascade/core";
import { concludeDiagnosis, type DiagnosedPart } from "./conclude.ts";
import { describeTrouble } from "./database_trouble.ts";
import { askDatabase, type DatabaseDeps, diagnoseDatabase } from "./diagnose_database.ts";
import { diagnoseLookups, type OpenEditionReader } from "./diagnose_lookups.ts";
import { diagnoseSources, type SourceTimeouts } from "./diagnose_sources.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { LATENCY_LIMITS, type LatencyLimits } from "./latency_limits.ts";
import { listErrorSteps } from "./error_steps.ts";
import { noteFinding } from "./finding.ts";
import { settleWithin } from "./settle_within.ts";
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
  /** For all of it, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30 * MS_PER_SECOND;

/** The diagnosis of latency, with the figures of each source over the last 24 hours. */
export interface LatencyDiagnosis extends Diagnosis {
  readonly sources: readonly SourceLatency[];
}

/**
 * Explains slow enrichment (runbook: Slow Enrichment): what the record of requests says about each source, what the
 * database says about itself, and what look-ups in the editions take now. Asks no source. A database that fails or
 * hangs is a cause like any other. Does not reject.
 */
export async function diagnoseLatency(
  deps: LatencyDeps,
  options: LatencyOptions = {},
): Promise<LatencyDiagnosis> {
  const { clock, requests, timeouts } = deps;
  const startedMs = clock.elapsed();
  const limits = { ...LATENCY_LIMITS, ...options.limits };
  const { timeoutMs = TIMEOUT_MS } = options;
  // What is asked first leaves time for what comes after it.
  const half = (mostMs: number) =>
    Math.max(1, Math.round(Math.min(mostMs, (timeoutMs - (clock.elapsed() - startedMs)) / 2)));
  const answer = () => half(limits.patienceMs);
  const database = await diagnoseDatabase(deps, limits, { opening: () => half(limits.openingMs), answer });
  // A database that gives no answer would not give this one either.
  const hours = database.trouble === null
    ? await askDatabase(() => requests.list(clock.now() - MS_PER_DAY), deps, answer())
    : { trouble: database.trouble };
  const sources = "trouble" in hours ? [] : summariseLatency(hours.value);
  const record = "trouble" in hours
    ? explainUnread(describeTrouble(hours.trouble))
    : diagnoseSources(sources, timeouts, limits);
  const lookups = await measureLookups(deps, limits, half(timeoutMs));
  const parts = [database, record, lookups];
  const calm = "Nothing is slow: neither the sources, nor the database, nor MaxMind's look-ups.";
  return { ...concludeDiagnosis("latency", parts, { clock, startedMs, calm }), sources };
}

/** What can't be read may be slow; why it can't is a cause of its own, and comes first. */
function explainUnread(why: string): DiagnosedPart {
  const summary = `How long the sources take can't be read: ${why}.`;
  const steps = ["See what the database says: ipcascade diagnose latency"];
  return {
    findings: [noteFinding("requests", "unknown", `what was recorded can't be read: ${why}`)],
    causes: [{ cause: "unknown", grade: "unknown", summary, steps }],
  };
}

async function measureLookups(deps: LatencyDeps, limits: LatencyLimits, ms: number): Promise<DiagnosedPart> {
  const settled = await settleWithin(() => diagnoseLookups(deps, limits), { ms, clock: deps.clock });
  if (settled.ok) return settled.value;
  const message = `look-ups can't be measured: ${settled.error.message}`;
  return {
    findings: [noteFinding("maxmind_first", "unknown", message)],
    causes: [{
      cause: "unknown",
      grade: "unknown",
      summary: `MaxMind's ${message}.`,
      steps: listErrorSteps(settled.error),
    }],
  };
}

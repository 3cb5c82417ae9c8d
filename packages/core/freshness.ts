import { MS_PER_DAY } from "./clock.ts";
import type { AttemptState, RowState } from "./row_state.ts";
import type { InstalledEditions } from "./source.ts";

/** How long an answer of a source stays true, misses included (runbook: Refresh Stale Data). */
export const FRESH_DAYS = { cymru: 90, greynoise: 7 } as const;

/** What holds a source back or lets it be asked. */
export type Freshness = "fresh" | "stale" | "backing_off";

/** Tells whether an answer is too old to reuse. `checkedAt` is null when the source was never asked. */
export function isStale(checkedAt: number | null, options: { maxAgeDays: number; now: number }): boolean {
  if (checkedAt === null) return true;
  return options.now - checkedAt > options.maxAgeDays * MS_PER_DAY;
}

/**
 * Freshness of what Cymru or GreyNoise said. The row's public stamp counts where it is older than that of the attempt:
 * whoever sets it back has the row asked about again.
 */
export function remoteFreshness(source: "cymru" | "greynoise", row: RowState, now: number): Freshness {
  const attempt = row.attempts[source];
  if (attempt.outcome === "failed") return isHeldBack(attempt, now) ? "backing_off" : "stale";
  // `enrichment_ts` tells of MaxMind, too, so that alone it says nothing about Cymru.
  const wasAsked = hasAnswered(attempt) || (source === "greynoise" && row.scannerAt !== null);
  const stamp = source === "cymru" ? row.enrichmentAt : row.scannerAt;
  const answeredAt = wasAsked ? earliest(attempt.attemptedAt, stamp) : null;
  return isStale(answeredAt, { maxAgeDays: FRESH_DAYS[source], now }) ? "stale" : "fresh";
}

/** Freshness of what MaxMind said: it is fresh while the row was read from the installed builds. */
export function maxmindFreshness(row: RowState, installed: InstalledEditions, now: number): Freshness {
  const sameBuild = row.cityBuildEpoch === installed.cityBuildEpoch &&
    row.asnBuildEpoch === installed.asnBuildEpoch;
  if (!sameBuild) return "stale";
  const attempt = row.attempts.maxmind;
  if (attempt.outcome === "failed") return isHeldBack(attempt, now) ? "backing_off" : "stale";
  return hasAnswered(attempt) ? "fresh" : "stale";
}

function hasAnswered(attempt: AttemptState): boolean {
  return attempt.outcome === "hit" || attempt.outcome === "miss";
}

function isHeldBack(attempt: AttemptState, now: number): boolean {
  return attempt.retryAt !== null && now < attempt.retryAt;
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

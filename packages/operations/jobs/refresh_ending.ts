import type { JobCounts } from "@ipcascade/core";
import type { RefreshReport, SourceRefresh } from "../refresh/refresh_report.ts";
import type { JobEnding } from "./job_ending.ts";

/** Numbers of a refresh that are added up over its sources. */
const COUNTS = ["attempted", "refreshed", "missed", "skipped", "failed", "remaining"] as const;

/**
 * How a refresh or a backfill ended; it counts rows, over all its sources. Running out of quota is no failure; a source
 * that fails, or is left alone because it failed, is one.
 */
export function endOfRefresh({ sources }: Pick<RefreshReport, "sources">): JobEnding {
  const hasFailed = Object.values(sources).some(({ failed, skipped_for: skipped }) =>
    failed > 0 || skipped.circuit_open !== undefined || skipped.quota_unknown !== undefined ||
    skipped.rate_unknown !== undefined
  );
  const outcome = hasFailed ? "partly_failed" : "succeeded";
  return { outcome, counts: countRows(Object.values(sources)), error: null, message: null };
}

function countRows(sources: readonly SourceRefresh[]): JobCounts {
  return Object.fromEntries(
    COUNTS.map((name) => [name, sources.reduce((total, source) => total + source[name], 0)]),
  );
}

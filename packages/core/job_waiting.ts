import { MS_PER_MINUTE } from "./clock.ts";
import type { JobRun } from "./job_run.ts";
import { ruleOf } from "./job_rules.ts";

/** Between the end of one run and the beginning of the next one that waited for it. */
const GAP_MS = MS_PER_MINUTE;

/**
 * True when a run began late only as jobs that it conflicts with were under way from `since` on. Instants are
 * milliseconds since 1970 UTC.
 */
export function hasWaited(
  run: Pick<JobRun, "job" | "startedAt">,
  others: readonly JobRun[],
  since: number,
): boolean {
  const { conflicts } = ruleOf(run.job);
  const inTheWay = others
    .filter(({ job, startedAt }) => conflicts.includes(job) && startedAt < run.startedAt)
    .sort((a, b) => a.startedAt - b.startedAt);
  let until = since;
  for (const { startedAt, endedAt, seenAt } of inTheWay) {
    if (startedAt - until > GAP_MS) return false;
    until = Math.max(until, endedAt ?? seenAt);
  }
  return run.startedAt - until <= GAP_MS;
}

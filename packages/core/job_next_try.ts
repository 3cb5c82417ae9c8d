import { MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import { isTickSettled } from "./job_begin.ts";
import { ruleOf } from "./job_rules.ts";
import { JOB_LOST_MS, type JobRun, jobRunState } from "./job_run.ts";

/**
 * After a failed try of a tick so much time passes before the next one: after the first, after the second and so on. A
 * hitch is over in minutes; a full disk is cleared in the morning, and a provider's outage within days.
 */
export const TICK_RETRY_MS: readonly number[] = [
  MS_PER_MINUTE,
  10 * MS_PER_MINUTE,
  MS_PER_HOUR,
  4 * MS_PER_HOUR,
  12 * MS_PER_HOUR,
  24 * MS_PER_HOUR,
  24 * MS_PER_HOUR,
];

/**
 * When a scheduler begins the next try of a run's tick, in milliseconds since 1970 UTC; null when there is none: the run
 * is for no tick, goes on, or is the last word on it.
 */
export function nextTryAt(run: JobRun, now: number): number | null {
  const { job, tickAt, attempt } = run;
  const state = jobRunState(run, now);
  if (tickAt === null || state === "running" || isTickSettled(run)) return null;
  const at = state === "lost"
    ? run.seenAt + JOB_LOST_MS
    : (run.endedAt ?? run.seenAt) + (state === "failed" ? TICK_RETRY_MS[attempt - 1] ?? 0 : 0);
  return at - tickAt > ruleOf(job).windowMs ? null : at;
}

import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import type { JobName } from "./job.ts";

/** How a job is run by a timer. */
export interface JobRule {
  /** A run that takes longer is stopped, and has failed; milliseconds. */
  readonly deadlineMs: number;
  /** How long after its tick a run that was missed is still made up; milliseconds. */
  readonly windowMs: number;
  /** Jobs that must not run at the same time. */
  readonly conflicts: readonly JobName[];
}

/**
 * Which job comes first where several are due, and which one waits for another: a backup holds what was there before
 * an update, and a refresh asks the editions that an update brought. What looks at the others comes last.
 */
export const JOB_ORDER: readonly JobName[] = [
  "back-up",
  "recover-editions",
  "update-editions",
  "refresh-stale",
  "backfill-asn",
  "prune",
  "snapshot-coverage",
  "report-coverage",
  "check-quota",
  "check-health",
];

/** They change or copy the same rows and editions: one of them runs at a time. */
const EXCLUSIVE: readonly JobName[] = JOB_ORDER.slice(0, JOB_ORDER.indexOf("prune") + 1);

interface RuleTimes {
  readonly deadlineMs: number;
  readonly windowMs: number;
}

/**
 * Windows end before the next tick of the default schedule makes the run superfluous: a report of the morning is of no
 * use at night, a snapshot of a day can't be taken on the next one.
 */
const TIMES: Readonly<Record<JobName, RuleTimes>> = {
  "check-health": { deadlineMs: 15 * MS_PER_MINUTE, windowMs: 6 * MS_PER_HOUR },
  "check-quota": { deadlineMs: 15 * MS_PER_MINUTE, windowMs: 3 * MS_PER_HOUR },
  "update-editions": { deadlineMs: 2 * MS_PER_HOUR, windowMs: 6 * MS_PER_DAY },
  "prune": { deadlineMs: MS_PER_HOUR, windowMs: 20 * MS_PER_HOUR },
  "refresh-stale": { deadlineMs: 12 * MS_PER_HOUR, windowMs: 6 * MS_PER_DAY },
  "backfill-asn": { deadlineMs: 4 * MS_PER_HOUR, windowMs: 6 * MS_PER_DAY },
  "snapshot-coverage": { deadlineMs: 15 * MS_PER_MINUTE, windowMs: 4 * MS_PER_MINUTE },
  "report-coverage": { deadlineMs: MS_PER_HOUR, windowMs: 20 * MS_PER_DAY },
  "recover-editions": { deadlineMs: 2 * MS_PER_HOUR, windowMs: MS_PER_HOUR },
  "back-up": { deadlineMs: 6 * MS_PER_HOUR, windowMs: 20 * MS_PER_HOUR },
};

/** The rule of a job. */
export function ruleOf(job: JobName): JobRule {
  const conflicts = EXCLUSIVE.includes(job) ? EXCLUSIVE.filter((other) => other !== job) : [];
  return { ...TIMES[job], conflicts };
}

/** The jobs that have to be over before this one where both are due, first things first. */
export function jobsBefore(job: JobName): readonly JobName[] {
  const { conflicts } = ruleOf(job);
  return JOB_ORDER.slice(0, JOB_ORDER.indexOf(job)).filter((other) => conflicts.includes(other));
}

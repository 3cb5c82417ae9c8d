import type { JobName } from "./job.ts";
import type { JobRun } from "./job_run.ts";

/** How a run is begun. */
export interface JobBeginOptions {
  /** SHA-256, as 64 hexadecimal digits, of the name that whoever asks gives the run: it begins once for each job. */
  readonly key?: string;
  /** The tick of its schedule that the run is for, in milliseconds since 1970 UTC. */
  readonly tickAt?: number;
  /** Nothing begins while one of these jobs is under way. */
  readonly conflicts?: readonly JobName[];
}

/**
 * What became of beginning a run.
 *
 * - `begun`: it runs.
 * - `repeated`: it was begun before with the same key.
 * - `running`: another run of the job is under way, and nothing is begun.
 * - `conflicting`: a run of a job that it conflicts with is under way, and nothing is begun.
 * - `settled`: its tick was dealt with, and nothing is begun.
 */
export type JobBeginState = "begun" | "repeated" | "running" | "conflicting" | "settled";

/** What became of beginning a run. */
export interface JobBeginning {
  readonly state: JobBeginState;
  /** The run that was begun, now or before, the one that is under way, or the last one of the tick. */
  readonly run: JobRun;
}

/** A tick is tried so many times before it is left alone. */
export const MAX_TICK_ATTEMPTS = 8;
/** Work that takes its process along is begun no more often: it may be the reason. */
export const MAX_LOST_ATTEMPTS = 3;

/** The code of the error of a tick that was not run: what started it was not there, or too late. */
export const TICK_MISSED = "TICK_MISSED";

/** Errors that another try of the same tick can't mend: what a person has to set right first. */
const LASTING_ERRORS: ReadonlySet<string> = new Set(["BAD_USAGE", "BACKUP_REFUSED", "JOB_DEADLINE"]);

/** True when the last run of a tick leaves nothing to be done for it. One that runs has not settled it. */
export function isTickSettled(
  { outcome, attempt, error }: Pick<JobRun, "outcome" | "attempt" | "error">,
): boolean {
  if (outcome === null) return false;
  if (outcome === "succeeded" || outcome === "partly_failed" || outcome === "skipped") return true;
  if (outcome === "lost") return attempt >= MAX_LOST_ATTEMPTS;
  return attempt >= MAX_TICK_ATTEMPTS || LASTING_ERRORS.has(error?.code ?? "");
}

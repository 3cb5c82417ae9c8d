import type { JobCounts, JobError, JobOutcome } from "@ipcascade/core";

/** How a job's work ended, for the record of its run and for whoever watches. */
export interface JobEnding {
  readonly outcome: JobOutcome;
  readonly counts: JobCounts;
  readonly error: JobError | null;
  /** One line for people; null where the counts say everything. */
  readonly message: string | null;
}

/** The ending of work that was done as a whole. */
export function endWell(counts: JobCounts, message: string | null = null): JobEnding {
  return { outcome: "succeeded", counts, error: null, message };
}

/** The ending of work that was told to stop before it had anything to tell. */
export const STOPPED_ENDING: JobEnding = {
  outcome: "stopped",
  counts: {},
  error: null,
  message: "It was told to stop",
};

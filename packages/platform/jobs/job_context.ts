import type { Log } from "@ipcascade/core";
import type { CountJob, JobEnding } from "@ipcascade/operations";
import type { BorrowOptions } from "../open_database.ts";
import type { Settings } from "../settings.ts";

/** What a job's work gets. A borrowed database is the embedded one, which this process has open already. */
export interface JobContext extends BorrowOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Of this program. */
  readonly version: string;
  /** Finishes what is in hand, then ends. */
  readonly stop: AbortSignal;
  /** Gives up what is in hand as well. */
  readonly abort: AbortSignal;
  /** Told of what was counted up to now. */
  readonly count: CountJob;
}

/** How work ended, with the report of its operation; null where it was stopped before there was one. */
export interface JobWorkEnding extends JobEnding {
  readonly report: unknown;
}

/** The work of a job: opens what it needs, calls its operation, closes. Throws what the operation throws. */
export type JobWork = (context: JobContext) => Promise<JobWorkEnding>;

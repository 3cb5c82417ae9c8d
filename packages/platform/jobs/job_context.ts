import type { JobName, Log, ReadDiskSpace } from "@ipcascade/core";
import type { CountJob, JobEnding, JobReports } from "@ipcascade/operations";
import type { BorrowOptions } from "../open_database.ts";
import type { Settings } from "../settings.ts";

/** How far work is, for people who watch it. */
export interface JobProgress {
  readonly label: string;
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
}

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
  /** The tick of its schedule that it runs for, in milliseconds since 1970 UTC; null where somebody asked for it. */
  readonly tickAt: number | null;
  /** Tells the space on the disk; by default of the data directory. */
  readonly readSpace?: ReadDiskSpace;
  readonly onProgress?: (progress: JobProgress) => void;
}

/** How work ended, with the report of its operation; null where it was stopped before there was one. */
export interface JobWorkEnding<Report> extends JobEnding {
  readonly report: Report | null;
}

/** The work of a job: opens what it needs, calls its operation, closes. Throws what the operation throws. */
export type JobWork<Job extends JobName> = (context: JobContext) => Promise<JobWorkEnding<JobReports[Job]>>;

import type { JobName, JobSchedules } from "./job.ts";

/** A job as schedulers know it. Instants are milliseconds since 1970 UTC. */
export interface ScheduledJob {
  readonly job: JobName;
  /** The cron line in UTC; null is off. */
  readonly line: string | null;
  /** Since when the line is in force: earlier ticks were nobody's to run. */
  readonly since: number;
  /** When a scheduler was last at work, and which one. */
  readonly seenAt: number;
  readonly seenBy: string;
}

/** A scheduler at work. */
export interface SchedulerSign {
  /** Who it is and where, for people. */
  readonly by: string;
  readonly at: number;
  readonly schedules: JobSchedules;
}

/** Remembers which cron lines are in force. Methods throw `StoreError`. */
export interface JobTimetable {
  /**
   * Notes that a scheduler is at work; a line that it has anew is in force from then on, unless another scheduler, which
   * has another line, was seen within three minutes. Gives every job as it is in force.
   */
  note(sign: SchedulerSign): Promise<readonly ScheduledJob[]>;
  /** Every job; empty before the first scheduler. */
  read(): Promise<readonly ScheduledJob[]>;
}

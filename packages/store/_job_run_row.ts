import type { JobCounts, JobError, JobName, JobRun } from "@ipcascade/core";
import { roundMs } from "./_instants.ts";

/** A row of `job_run` as it is read. */
export interface JobRunRow {
  readonly id: string;
  readonly job: JobName;
  readonly started_by: JobRun["trigger"];
  readonly actor: string;
  readonly started_ms: number;
  readonly seen_ms: number;
  readonly ended_ms: number | null;
  readonly outcome: JobRun["outcome"];
  readonly counts: string;
  readonly error: string | null;
  readonly message: string | null;
  readonly tick_ms: number | null;
  readonly attempt: number;
}

/** The columns that `readJobRun` needs. */
export const JOB_RUN_COLUMNS = `id::text as id, job, started_by, actor,
  date_part('epoch', started_at) * 1000 as started_ms, date_part('epoch', seen_at) * 1000 as seen_ms,
  date_part('epoch', ended_at) * 1000 as ended_ms, outcome, counts::text as counts, error::text as error, message,
  date_part('epoch', tick_at) * 1000 as tick_ms, attempt`;

/** The run that a row holds. */
export function readJobRun(row: JobRunRow): JobRun {
  return {
    id: row.id,
    job: row.job,
    trigger: row.started_by,
    actor: row.actor,
    startedAt: Math.round(row.started_ms),
    seenAt: Math.round(row.seen_ms),
    endedAt: roundMs(row.ended_ms),
    outcome: row.outcome,
    counts: JSON.parse(row.counts) as JobCounts,
    error: row.error === null ? null : JSON.parse(row.error) as JobError,
    message: row.message,
    tickAt: roundMs(row.tick_ms),
    attempt: row.attempt,
  };
}

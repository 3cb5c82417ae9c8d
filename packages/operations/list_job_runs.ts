import {
  type Clock,
  formatInstant,
  type JobCounts,
  type JobError,
  type JobName,
  type JobRun,
  type JobRuns,
  type JobRunState,
  jobRunState,
  type JobTrigger,
} from "@ipcascade/core";

/** A run as reports show it. Instants are RFC 3339 UTC. */
export interface ListedRun {
  readonly id: string;
  readonly job: JobName;
  /** Its outcome; `running`, or `lost` when it ended without saying so, as after a kill. */
  readonly state: JobRunState;
  readonly started_by: JobTrigger;
  readonly actor: string;
  /** The tick of its schedule that it is for; null where it was started otherwise. */
  readonly tick_at: string | null;
  /** 1, or more where earlier runs of the same tick were lost, stopped or failed. */
  readonly attempt: number;
  readonly started_at: string;
  /** Null while it runs, and when it was lost. */
  readonly ended_at: string | null;
  /** Up to its end, or to its last sign of life. */
  readonly duration_ms: number;
  readonly counts: JobCounts;
  readonly message: string | null;
  readonly error: JobError | null;
}

/** The report of `jobs history`. */
export interface JobHistoryReport {
  readonly operation: "list-job-runs";
  /** Null for every job. */
  readonly job: JobName | null;
  /** Newest first. */
  readonly runs: readonly ListedRun[];
}

/** Lists recorded runs. Throws `StoreError`. */
export async function listJobRuns(
  { runs, clock }: { readonly runs: Pick<JobRuns, "list">; readonly clock: Clock },
  { job, limit }: { readonly job?: JobName; readonly limit: number },
): Promise<JobHistoryReport> {
  const now = clock.now();
  const found = await runs.list({ job, limit });
  return { operation: "list-job-runs", job: job ?? null, runs: found.map((run) => describeRun(run, now)) };
}

/** A run for a report. */
export function describeRun(run: JobRun, now: number): ListedRun {
  return {
    id: run.id,
    job: run.job,
    state: jobRunState(run, now),
    started_by: run.trigger,
    actor: run.actor,
    tick_at: formatInstant(run.tickAt),
    attempt: run.attempt,
    started_at: formatInstant(run.startedAt),
    ended_at: formatInstant(run.endedAt),
    duration_ms: Math.max(0, (run.endedAt ?? run.seenAt) - run.startedAt),
    counts: run.counts,
    message: run.message,
    error: run.error,
  };
}

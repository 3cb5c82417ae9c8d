import { EnrichmentError } from "./errors.ts";
import { formatMinute } from "./clock.ts";
import type { JobName } from "./job.ts";
import type { JobRun } from "./job_run.ts";

/** What an error says of the run that is in the way. */
export type UnderwayRun = Pick<JobRun, "id" | "job" | "actor" | "startedAt">;

/** Thrown when a job is asked for while a run of it, or of one it conflicts with, is under way, here or elsewhere. */
export class JobRunningError extends EnrichmentError {
  override readonly code = "JOB_RUNNING";
  readonly job: JobName;
  /** The run that is under way. */
  readonly runId: string;
  /** The job of that run. */
  readonly runJob: JobName;

  constructor(job: JobName, { id, job: runJob, actor, startedAt }: UnderwayRun) {
    const run = `run "${id}" of ${actor} is under way since ${formatMinute(startedAt)}`;
    super(
      runJob === job ? `Cannot run ${job}: its ${run}` : `Cannot run ${job} beside ${runJob}, whose ${run}`,
    );
    this.job = job;
    this.runId = id;
    this.runJob = runJob;
  }
}

import { EnrichmentError } from "./errors.ts";
import type { JobName } from "./job.ts";

/** Thrown when a job is asked for while a run of it is under way, here or elsewhere. */
export class JobRunningError extends EnrichmentError {
  override readonly code = "JOB_RUNNING";
  readonly job: JobName;
  /** The run that is under way. */
  readonly runId: string;

  constructor(job: JobName, runId: string) {
    super(`Cannot run ${job}: its run "${runId}" is under way`);
    this.job = job;
    this.runId = runId;
  }
}

import { EnrichmentError } from "./errors.ts";
import type { JobName } from "./job.ts";
import { MS_PER_MINUTE } from "./clock.ts";

/** A run took longer than its job may. */
export class JobDeadlineError extends EnrichmentError {
  override readonly code = "JOB_DEADLINE";

  constructor(job: JobName, deadlineMs: number) {
    super(`Cannot let ${job} run longer than ${deadlineMs / MS_PER_MINUTE} minutes: it was stopped`);
  }
}

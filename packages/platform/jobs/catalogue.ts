import type { JobName } from "@ipcascade/core";
import { backUpJob } from "./back_up_job.ts";
import { checkHealthJob } from "./check_health.ts";
import { checkQuotaJob } from "./check_quota.ts";
import { reportCoverageJob, snapshotCoverageJob } from "./coverage_jobs.ts";
import { recoverEditionsJob, updateEditionsJob } from "./edition_jobs.ts";
import type { JobWork } from "./job_context.ts";
import { pruneJob } from "./prune_job.ts";
import { backfillAsnJob, refreshStaleJob } from "./refresh_jobs.ts";

/** The work of every job, for doors that run jobs beside what else they do. */
export const JOB_CATALOGUE: { readonly [Job in JobName]: JobWork<Job> } = {
  "check-health": checkHealthJob,
  "check-quota": checkQuotaJob,
  "update-editions": updateEditionsJob,
  "prune": pruneJob,
  "refresh-stale": refreshStaleJob,
  "backfill-asn": backfillAsnJob,
  "snapshot-coverage": snapshotCoverageJob,
  "report-coverage": reportCoverageJob,
  "recover-editions": recoverEditionsJob,
  "back-up": backUpJob,
};

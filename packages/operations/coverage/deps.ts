import type { Clock, CoverageStore, JobRuns, QuotaLedger } from "@ipcascade/core";

/** What measuring and reporting coverage work with. */
export interface CoverageDeps {
  readonly coverage: CoverageStore;
  readonly jobRuns: Pick<JobRuns, "countOutcomes">;
  readonly clock: Pick<Clock, "now">;
  readonly quota: Pick<QuotaLedger, "read">;
}

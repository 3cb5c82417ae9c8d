import { type JobOperations, listJobRuns } from "@ipcascade/operations";
import { openJobRuns } from "./open_job_runs.ts";
import type { OperationParts } from "./open_operations.ts";

/** Jobs that a process runs beside what else it does. */
export interface WiredJobs {
  readonly operations: JobOperations;
  /** Stops what runs and waits for its end. */
  close(): Promise<void>;
}

/** Wires the jobs. */
export function wireJobs({ settings, log, shared }: OperationParts): WiredJobs {
  return {
    operations: {
      listJobs: () => Promise.resolve({ operation: "list-jobs", jobs: [] }),
      listJobRuns: async (query) => {
        await using opened = await openJobRuns(settings, log, { database: shared.sql });
        return await listJobRuns(opened, query);
      },
      findJobRun: () => Promise.resolve(null),
      startJob: () => Promise.reject(new Error("Cannot run jobs")),
    },
    close: () => Promise.resolve(),
  };
}

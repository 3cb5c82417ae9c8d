import type { JobName } from "@ipcascade/core";

/** The setting that holds a job's cron line: `SCHEDULE_BACK_UP` for `back-up`. */
export function scheduleName(job: JobName): string {
  return `SCHEDULE_${job.toUpperCase().replaceAll("-", "_")}`;
}

/** The jobs that a timer may start, with their default cron lines in UTC (runbook); null is off. */
export const JOB_SCHEDULES = {
  "check-health": "0 6 * * *",
  "check-quota": "0 */4 * * *",
  "update-editions": "0 2 * * SUN",
  "prune": "30 4 * * *",
  "refresh-stale": "0 3 * * SUN",
  "backfill-asn": "0 5 * * SUN",
  "snapshot-coverage": "55 23 * * *",
  "report-coverage": "0 9 1 * *",
  "recover-editions": null,
  "back-up": "0 1 * * *",
} as const;

/** The name of a job, as in `jobs run NAME`. */
export type JobName = keyof typeof JOB_SCHEDULES;

/** Cron line of each job in UTC; null is off. */
export type JobSchedules = Readonly<Record<JobName, string | null>>;

/** Every job name, in the order of the catalogue. */
export const JOB_NAMES: readonly JobName[] = Object.keys(JOB_SCHEDULES) as JobName[];

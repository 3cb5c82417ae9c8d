import {
  type Clock,
  gradeJob,
  JOB_GRACE_MS,
  JOB_NAMES,
  type JobFinding,
  type JobName,
  type JobRun,
  type JobRuns,
} from "@ipcascade/core";

/** Runs that the median of a job is taken from. */
const HISTORY = 30;

/** Cron line of each job; null is off. */
export type JobSchedules = Readonly<Record<JobName, string | null>>;

/** What tells how jobs stand. */
export interface JobStandingDeps {
  readonly runs: Pick<JobRuns, "list" | "latest" | "firstAt">;
  readonly clock: Pick<Clock, "now">;
  /** The last tick of a cron line in UTC at or before an instant; null when it never ticks. */
  readonly previousTick: (line: string, at: number) => number | null;
  readonly schedules: JobSchedules;
}

/** How a job stands. */
export interface JobStanding {
  readonly job: JobName;
  readonly schedule: string | null;
  readonly finding: JobFinding;
  /** Null when it never ran. */
  readonly latest: JobRun | null;
  /** The newest run that succeeded. */
  readonly latestSuccess: JobRun | null;
}

/** Reads how every job stands, in the order of the catalogue. Throws `StoreError`. */
export async function readJobStandings(deps: JobStandingDeps): Promise<readonly JobStanding[]> {
  const { runs, schedules, clock, previousTick } = deps;
  const now = clock.now();
  const [firstAt, known] = await Promise.all([runs.firstAt(), runs.latest()]);
  return await Promise.all(JOB_NAMES.map(async (job) => {
    const { latest, latestSuccess } = known.find((one) => one.job === job) ?? NEVER_RAN;
    const schedule = schedules[job];
    const tickAt = schedule === null ? null : previousTick(schedule, now - JOB_GRACE_MS);
    const earlier = latest?.outcome === "succeeded" ? await listEarlier(runs, latest) : [];
    const finding = gradeJob({ job, schedule, tickAt, firstAt, latest, earlier }, now);
    return { job, schedule, finding, latest, latestSuccess };
  }));
}

const NEVER_RAN = { latest: null, latestSuccess: null } as const;

async function listEarlier(runs: JobStandingDeps["runs"], latest: JobRun): Promise<readonly JobRun[]> {
  const listed = await runs.list({ job: latest.job, until: latest.startedAt, limit: HISTORY });
  return listed.filter(({ outcome }) => outcome === "succeeded");
}

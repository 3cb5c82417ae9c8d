import {
  type Clock,
  gradeJob,
  hasWaited,
  JOB_GRACE_MS,
  JOB_NAMES,
  type JobFinding,
  type JobName,
  type JobRun,
  type JobRuns,
  jobRunState,
  type JobSchedules,
  type JobTimetable,
  type LatestRuns,
  MS_PER_DAY,
  ruleOf,
  type ScheduledJob,
  TICK_MISSED,
} from "@ipcascade/core";
import { describeScheduler, type SchedulerStanding } from "./scheduler_standing.ts";

/** Runs that the median of a job is taken from. */
const HISTORY = 30;
/** Runs among which those are looked for that a late one waited for, and when the first of them may have begun. */
const IN_THE_WAY = { limit: 100, beforeMs: MS_PER_DAY } as const;

/** Runs of a job among which one is looked for that is under way beside later ones, and since when it may be. */
const UNDER_WAY = { limit: 30, beforeMs: 7 * MS_PER_DAY } as const;

/** What tells how jobs stand. */
export interface JobStandingDeps {
  readonly runs: Pick<JobRuns, "list" | "latest" | "firstAt">;
  readonly timetable: Pick<JobTimetable, "read">;
  readonly clock: Pick<Clock, "now">;
  /** The last tick of a cron line in UTC at or before an instant; null when it never ticks. */
  readonly previousTick: (line: string, at: number) => number | null;
  readonly schedules: JobSchedules;
  /** Whether the database is the embedded one, in which schedulers note themselves less often; default false. */
  readonly isEmbedded?: boolean;
}

/** How a job stands. */
export interface JobStanding {
  readonly job: JobName;
  readonly schedule: string | null;
  /** The last tick that must have begun by now, in milliseconds since 1970 UTC; null when it is off, or never ticks. */
  readonly tickAt: number | null;
  readonly finding: JobFinding;
  /** The one under way, or else the newest; null when it never ran. */
  readonly latest: JobRun | null;
  /** When its newest run began, in milliseconds since 1970 UTC; null when it never ran. */
  readonly begunAt: number | null;
  /** The newest run that succeeded. */
  readonly latestSuccess: JobRun | null;
}

/** How the jobs stand, and whoever starts them. */
export interface Standings {
  /** In the order of the catalogue. */
  readonly jobs: readonly JobStanding[];
  readonly scheduler: SchedulerStanding;
}

interface Known {
  readonly now: number;
  readonly firstAt: number;
  readonly latest: readonly LatestRuns[];
  /** The runs that are under way, the newest of each job. */
  readonly underWay: readonly JobRun[];
  readonly timetable: readonly ScheduledJob[];
}

/** Reads how every job and the schedulers stand. Throws `StoreError`. */
export async function readStandings(deps: JobStandingDeps): Promise<Standings> {
  const { runs, timetable: lines, clock, schedules, isEmbedded = false } = deps;
  const now = clock.now();
  const [firstAt, latest, timetable] = await Promise.all([runs.firstAt(), runs.latest(), lines.read()]);
  const underWay = await listUnderWay(latest, deps, now);
  const known = { now, firstAt, latest, underWay, timetable };
  const jobs = await Promise.all(JOB_NAMES.map((job) => readStanding(job, known, deps)));
  const scheduler = describeScheduler({ timetable, schedules, standings: jobs, isEmbedded }, now);
  return { jobs, scheduler };
}

/** A run goes on beside later ones that ended, such as those of a share. */
async function listUnderWay(
  latest: readonly LatestRuns[],
  { runs }: JobStandingDeps,
  now: number,
): Promise<readonly JobRun[]> {
  const { limit, beforeMs } = UNDER_WAY;
  const isUnderWay = (run: JobRun) => jobRunState(run, now) === "running";
  const found = await Promise.all(
    latest.map(async ({ job, latest: newest }) =>
      isUnderWay(newest)
        ? newest
        : (await runs.list({ job, since: now - beforeMs, until: newest.startedAt, limit })).find(isUnderWay)
    ),
  );
  return found.filter((run) => run !== undefined);
}

const NEVER_RAN = { latest: null, latestSuccess: null } as const;

async function readStanding(job: JobName, known: Known, deps: JobStandingDeps): Promise<JobStanding> {
  const { now } = known;
  const { latest, latestSuccess } = known.latest.find((one) => one.job === job) ?? NEVER_RAN;
  const schedule = deps.schedules[job];
  const tickAt = schedule === null ? null : deps.previousTick(schedule, now - JOB_GRACE_MS);
  const underWay = known.underWay.find((run) => run.job === job) ?? null;
  const graded = underWay ?? (isOvertaken(latest, latestSuccess) ? latestSuccess : latest);
  const facts = {
    job,
    schedule,
    // What waits for a run of its own job is not late.
    tickAt: underWay === null ? tickAt : null,
    firstAt: Math.max(known.firstAt, sinceWhen(job, schedule, known)),
    waitsFor: findUnderWay(job, known),
    latest: graded,
    hasWaited: await hasRunWaited(graded, deps),
    hasFailedBefore: await hasFailedBefore(graded, deps),
    earlier: graded?.outcome === "succeeded" ? await listEarlier(deps.runs, graded) : [],
  };
  const begunAt = latest?.startedAt ?? null;
  return {
    job,
    schedule,
    tickAt,
    finding: gradeJob(facts, now),
    latest: underWay ?? latest,
    begunAt,
    latestSuccess,
  };
}

/** Of two schedulers one may record that a tick was missed when the other has begun the next one. */
function isOvertaken(latest: JobRun | null, success: JobRun | null): boolean {
  return latest?.error?.code === TICK_MISSED && (success?.tickAt ?? -Infinity) > (latest.tickAt ?? Infinity);
}

/** Since when a scheduler goes by this line: earlier ticks of it were nobody's to run. */
function sinceWhen(job: JobName, schedule: string | null, { timetable }: Known): number {
  const line = timetable.find((one) => one.job === job);
  // What ticks just when its line comes into force is the scheduler's to run.
  return line === undefined || line.line !== schedule ? -Infinity : line.since - 1;
}

function findUnderWay(job: JobName, { underWay }: Known): JobName | null {
  const { conflicts } = ruleOf(job);
  return underWay.find((run) => conflicts.includes(run.job))?.job ?? null;
}

async function hasRunWaited(run: JobRun | null, { runs }: JobStandingDeps): Promise<boolean> {
  if (run === null || run.tickAt === null || run.startedAt - run.tickAt <= JOB_GRACE_MS) return false;
  const others = await runs.list({
    since: run.tickAt - IN_THE_WAY.beforeMs,
    until: run.startedAt,
    limit: IN_THE_WAY.limit,
  });
  return hasWaited(run, others, run.tickAt + JOB_GRACE_MS);
}

/** Whether the last run of another tick failed, too: then it is no hitch. */
async function hasFailedBefore(run: JobRun | null, { runs }: JobStandingDeps): Promise<boolean> {
  if (run === null || run.tickAt === null || run.outcome !== "failed") return false;
  const listed = await runs.list({ job: run.job, until: run.startedAt, limit: HISTORY });
  const before = listed.find(({ tickAt, outcome }) => tickAt !== run.tickAt && outcome !== "skipped");
  return before?.outcome === "failed";
}

async function listEarlier(runs: JobStandingDeps["runs"], latest: JobRun): Promise<readonly JobRun[]> {
  const listed = await runs.list({ job: latest.job, until: latest.startedAt, limit: HISTORY });
  return listed.filter(({ outcome }) => outcome === "succeeded");
}

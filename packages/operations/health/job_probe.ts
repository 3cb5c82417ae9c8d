import {
  type Clock,
  describeCheck,
  type ExpectedCheck,
  gradeJob,
  type HealthCheck,
  JOB_GRACE_MS,
  JOB_NAMES,
  type JobName,
  type JobRun,
  type LatestRuns,
} from "@ipcascade/core";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase, type HealthStores } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

/** Runs that the median of a job is taken from. */
const HISTORY = 30;

/** What checking jobs needs. */
export interface JobProbeDeps {
  readonly database: HealthDatabase;
  readonly clock: Clock;
  /** The last tick of a cron line in UTC at or before an instant; null when it never ticks. */
  readonly previousTick: (line: string, at: number) => number | null;
}

/** Cron line of each job; null is off. */
export type JobSchedules = Readonly<Record<JobName, string | null>>;

/** The page for whatever is wrong with jobs. */
const JOBS_PAGE = "docs/health.md#the-jobs";

/** The command that does a job's work by hand; jobs without one of their own are told about by a page. */
const COMMANDS: Readonly<Partial<Record<JobName, string>>> = {
  "check-health": "ipcascade health --alert",
  "check-quota": "ipcascade quota --alert",
  "update-editions": "ipcascade editions update",
  "prune-editions": "ipcascade editions prune",
  "refresh-stale": "ipcascade refresh",
  "backfill-asn": "ipcascade backfill",
  "snapshot-coverage": "ipcascade report snapshot",
  "report-coverage": "ipcascade report",
  "recover-editions": "ipcascade editions recover",
  "back-up": "ipcascade backup create --prune",
};

/** Whether each job runs when it should, and how its last run went. */
export function createJobProbe(deps: JobProbeDeps, schedules: JobSchedules): HealthProbe {
  return createStoreProbe(deps.database, JOB_NAMES.map(expect), async ({ runs }) => {
    const [firstAt, latest] = await Promise.all([runs.firstAt(), runs.latest()]);
    return await Promise.all(
      JOB_NAMES.map((job) => describeJob(job, { deps, runs, schedules, firstAt, latest })),
    );
  });
}

function expect(job: JobName): ExpectedCheck {
  return { name: `job_${job.replaceAll("-", "_")}`, group: "jobs", fix: DATABASE_PAGE };
}

interface Found {
  readonly deps: JobProbeDeps;
  readonly runs: HealthStores["runs"];
  readonly schedules: JobSchedules;
  readonly firstAt: number;
  readonly latest: readonly LatestRuns[];
}

async function describeJob(job: JobName, found: Found): Promise<HealthCheck> {
  const { deps, runs, schedules, firstAt } = found;
  const now = deps.clock.now();
  const schedule = schedules[job];
  const tickAt = schedule === null ? null : deps.previousTick(schedule, now - JOB_GRACE_MS);
  const latest = found.latest.find((one) => one.job === job)?.latest ?? null;
  const earlier = latest?.outcome === "succeeded" ? await listEarlier(runs, latest) : [];
  const { grade, message, state } = gradeJob({ job, schedule, tickAt, firstAt, latest, earlier }, now);
  const fix = grade === "ok" || state === "not_due" ? null : commandOf(job, latest) ?? JOBS_PAGE;
  return describeCheck(expect(job), { grade, observed: state, message, fix });
}

/** A report that was to be mailed is not mended by one that is shown. */
function commandOf(job: JobName, latest: JobRun | null): string | undefined {
  const isUnmailed = job === "report-coverage" && MAIL_FAILURES.has(latest?.error?.code ?? "");
  return isUnmailed ? "ipcascade report --mail" : COMMANDS[job];
}

/** Why a report was not mailed to everybody, as the record of its run has it. */
const MAIL_FAILURES: ReadonlySet<string> = new Set(["NOTIFIER_FAILED", "MAIL_LATE", "RECIPIENTS_REFUSED"]);

async function listEarlier(runs: HealthStores["runs"], latest: JobRun): Promise<readonly JobRun[]> {
  const listed = await runs.list({ job: latest.job, until: latest.startedAt, limit: HISTORY });
  return listed.filter(({ outcome }) => outcome === "succeeded");
}

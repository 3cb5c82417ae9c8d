import {
  describeCheck,
  type ExpectedCheck,
  type HealthCheck,
  JOB_NAMES,
  type JobFinding,
  type JobName,
  type JobRun,
  type JobSchedules,
} from "@ipcascade/core";
import {
  type JobStanding,
  type JobStandingDeps,
  readStandings,
  type Standings,
} from "../jobs/job_standing.ts";
import type { SchedulerStanding } from "../jobs/scheduler_standing.ts";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

/** What checking jobs needs. */
export interface JobProbeDeps extends Pick<JobStandingDeps, "clock" | "previousTick" | "isEmbedded"> {
  readonly database: HealthDatabase;
}

/** The page for whatever is wrong with jobs. */
const JOBS_PAGE = "docs/health.md#the-jobs";

/** What comes right by itself. */
const NEEDS_NOBODY: ReadonlySet<JobFinding["state"]> = new Set(["not_due", "retrying"]);
/** What nobody started: the job is as good as ever. */
const NOT_BEGUN: ReadonlySet<JobFinding["state"]> = new Set(["late", "never_ran", "missed"]);

/** The command that does a job's work by hand; jobs without one of their own are told about by a page. */
const COMMANDS: Readonly<Partial<Record<JobName, string>>> = {
  "check-health": "ipcascade health --alert",
  "check-quota": "ipcascade quota --alert",
  "update-editions": "ipcascade editions update",
  "prune": "ipcascade jobs run prune",
  "refresh-stale": "ipcascade refresh",
  "backfill-asn": "ipcascade backfill",
  "snapshot-coverage": "ipcascade report snapshot",
  "report-coverage": "ipcascade report",
  "recover-editions": "ipcascade editions recover",
  "back-up": "ipcascade backup create --prune",
};

const SCHEDULER: ExpectedCheck = { name: "scheduler", group: "jobs", fix: DATABASE_PAGE };

/** Whether each job runs when it should, and how its last run went; and, last, whether a scheduler is at work. */
export function createJobProbe(deps: JobProbeDeps, schedules: JobSchedules): HealthProbe {
  const expected = [...JOB_NAMES.map(expect), SCHEDULER];
  return createStoreProbe(
    deps.database,
    expected,
    async ({ runs, timetable }) =>
      describeStandings(await readStandings({ ...deps, runs, timetable, schedules })),
  );
}

/** The checks of the jobs in the order of the catalogue, and that of the scheduler. */
export function describeStandings({ jobs, scheduler }: Standings): readonly HealthCheck[] {
  return [...jobs.map(describeStanding), describeScheduler(scheduler)];
}

function expect(job: JobName): ExpectedCheck {
  return { name: `job_${job.replaceAll("-", "_")}`, group: "jobs", fix: DATABASE_PAGE };
}

function describeStanding({ job, latest, finding }: JobStanding): HealthCheck {
  const { grade, message, state } = finding;
  return describeCheck(expect(job), { grade, observed: state, message, fix: findFix(job, latest, finding) });
}

function findFix(job: JobName, latest: JobRun | null, { grade, state }: JobFinding): string | null {
  if (grade === "ok" || NEEDS_NOBODY.has(state)) return null;
  if (state === "made_up") return JOBS_PAGE;
  return NOT_BEGUN.has(state) ? `ipcascade jobs run ${job}` : commandOf(job, latest) ?? JOBS_PAGE;
}

function describeScheduler({ finding: { grade, state, message } }: SchedulerStanding): HealthCheck {
  return describeCheck(SCHEDULER, { grade, observed: state, message, fix: SCHEDULER_FIXES[state] });
}

const SCHEDULER_FIXES: Readonly<Record<SchedulerStanding["finding"]["state"], string | null>> = {
  at_work: null,
  none: "ipcascade schedule",
  away: null,
  gone: "ipcascade schedule",
  replaced: null,
  other_lines: "docs/health.md#the-scheduler",
  clock: null,
};

/** A report that was to be mailed is not mended by one that is shown. */
function commandOf(job: JobName, latest: JobRun | null): string | undefined {
  const isUnmailed = job === "report-coverage" && MAIL_FAILURES.has(latest?.error?.code ?? "");
  return isUnmailed ? "ipcascade report --mail" : COMMANDS[job];
}

/** Why a report was not mailed to everybody, as the record of its run has it. */
const MAIL_FAILURES: ReadonlySet<string> = new Set(["NOTIFIER_FAILED", "MAIL_LATE", "RECIPIENTS_REFUSED"]);

import {
  describeCheck,
  type ExpectedCheck,
  type HealthCheck,
  JOB_NAMES,
  type JobName,
  type JobRun,
} from "@ipcascade/core";
import {
  type JobSchedules,
  type JobStanding,
  type JobStandingDeps,
  readJobStandings,
} from "../jobs/job_standing.ts";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

/** What checking jobs needs. */
export interface JobProbeDeps extends Pick<JobStandingDeps, "clock" | "previousTick"> {
  readonly database: HealthDatabase;
}

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
    const standings = await readJobStandings({ ...deps, runs, schedules });
    return standings.map(describeStanding);
  });
}

function expect(job: JobName): ExpectedCheck {
  return { name: `job_${job.replaceAll("-", "_")}`, group: "jobs", fix: DATABASE_PAGE };
}

function describeStanding({ job, latest, finding }: JobStanding): HealthCheck {
  const { grade, message, state } = finding;
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

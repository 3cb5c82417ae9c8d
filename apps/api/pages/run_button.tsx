/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { JobName } from "@ipcascade/core";
import type { JobListReport } from "@ipcascade/operations";
import type { Reading } from "./reading.ts";

/** A button that runs a job. */
export interface RunButtonProps {
  readonly job: JobName;
  readonly jobs: Reading<JobListReport>;
  readonly id: string;
  /** What stands on it; the job's name is told to screen readers in any case. */
  readonly words?: string;
}

/** Runs a job; while a run is under way it says so in its place, where the keyboard's focus stays. */
export function RunButton({ job, jobs, id, words = "Run" }: RunButtonProps) {
  // What can't be listed can't be started either.
  if (!jobs.isKnown) return null;
  if (isRunning(job, jobs.value)) return <span id={id} tabindex={-1} class="soft">running</span>;
  return (
    <form class="run" method="post" action={`/jobs/${job}/run`}>
      <button type="submit" id={id} aria-label={`${words === "Run" ? `Run ${job}` : words} now`}>
        {words}
      </button>
    </form>
  );
}

function isRunning(job: JobName, { jobs }: JobListReport): boolean {
  return jobs.find(({ name }) => name === job)?.last_run?.state === "running";
}

/** What does the work of the commands that checks name, where it is all of it. */
const JOBS: Readonly<Record<string, JobName>> = {
  "ipcascade health --alert": "check-health",
  "ipcascade quota --alert": "check-quota",
  "ipcascade editions update": "update-editions",
  "ipcascade jobs run prune": "prune",
  "ipcascade editions recover": "recover-editions",
  "ipcascade refresh": "refresh-stale",
  "ipcascade refresh --source cymru": "refresh-stale",
  "ipcascade refresh --source greynoise": "refresh-stale",
  "ipcascade backfill": "backfill-asn",
  "ipcascade report": "report-coverage",
  "ipcascade report --mail": "report-coverage",
  "ipcascade report snapshot": "snapshot-coverage",
  "ipcascade backup create": "back-up",
  "ipcascade backup create --prune": "back-up",
};

/** The job that mends what a command mends; null where none does. */
export function findJobOfFix(fix: string | null): JobName | null {
  return fix !== null && Object.hasOwn(JOBS, fix) ? JOBS[fix]! : null;
}

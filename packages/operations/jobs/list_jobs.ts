import { formatInstant } from "@ipcascade/core";
import { describeRun } from "../list_job_runs.ts";
import type { JobListReport, ListedScheduler } from "../operations.ts";
import { type JobStandingDeps, readStandings } from "./job_standing.ts";
import type { SchedulerStanding } from "./scheduler_standing.ts";

/** What listing jobs needs. */
export interface ListJobsDeps extends JobStandingDeps {
  /** The first tick of a cron line in UTC after an instant; null when it never ticks. */
  readonly nextTick: (line: string, at: number) => number | null;
}

/** Lists every job with its schedule, how it stands, and its last runs. Throws `StoreError`. */
export async function listJobs(deps: ListJobsDeps): Promise<JobListReport> {
  const now = deps.clock.now();
  const { jobs: standings, scheduler } = await readStandings(deps);
  const jobs = standings.map(({ job, schedule, finding, latest, latestSuccess }) => ({
    name: job,
    schedule,
    next_at: schedule === null ? null : formatInstant(deps.nextTick(schedule, now)),
    grade: finding.grade,
    state: finding.state,
    message: finding.message,
    last_run: latest === null ? null : describeRun(latest, now),
    last_success_at: formatInstant(latestSuccess?.startedAt ?? null),
  }));
  return { operation: "list-jobs", jobs, scheduler: describeStanding(scheduler) };
}

function describeStanding({ finding, seen }: SchedulerStanding): ListedScheduler {
  return { ...finding, seen_at: formatInstant(seen?.at ?? null), seen_by: seen?.by ?? null };
}

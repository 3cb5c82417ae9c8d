import { type Clock, type JobName, type JobRun, JobRunningError, type JobRuns } from "@ipcascade/core";
import type { JobEnding } from "./job_ending.ts";
import type { JobRunner } from "./job_runner.ts";
import type { RunSignals } from "./run_limits.ts";

/** What running a job in the foreground needs. */
export interface RunJobHereDeps {
  readonly runner: Pick<JobRunner, "begin">;
  readonly runs: Pick<JobRuns, "find">;
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
}

/** Which job is run, and for how long others are waited for. */
export interface RunJobHereOptions {
  readonly job: JobName;
  /** Who runs it and where, for people. */
  readonly actor: string;
  readonly signals: RunSignals;
  /** Milliseconds; null is not at all. */
  readonly waitMs: number | null;
  /** Told once of each run that is waited for. */
  readonly onWait?: (run: JobRun) => void;
}

/**
 * How running a job went.
 *
 * - `ran`: here, and so it ended.
 * - `watched`: it ran elsewhere, and this run of it is over.
 * - `stopped`: it was told to stop while it waited.
 */
export type JobRunHere =
  | { readonly state: "ran"; readonly ending: JobEnding }
  | { readonly state: "watched"; readonly run: JobRun }
  | { readonly state: "stopped" };

/** How often it is looked whether whoever is waited for is done. */
const POLL_MS = 1_000;

/**
 * Runs a job and waits for its end. A run of one that it conflicts with is waited for first; one of the job itself is
 * watched in its place, unless that one gets lost. Throws `JobRunningError` when others take longer than they are waited
 * for, and `StoreError`.
 */
export async function runJobHere(deps: RunJobHereDeps, options: RunJobHereOptions): Promise<JobRunHere> {
  const { runner, runs, clock } = deps;
  const { job, actor, signals, waitMs, onWait } = options;
  const endsAt = clock.elapsed() + (waitMs ?? 0);
  let waitedFor: string | null = null;
  while (!signals.stop.aborted) {
    const { state, run, ended } = await runner.begin({ job, actor, trigger: "command", endBy: signals });
    if (ended !== null) return { state: "ran", ending: await ended };
    if (waitMs === null || clock.elapsed() >= endsAt) throw new JobRunningError(job, run);
    if (waitedFor !== run.id) onWait?.(run);
    waitedFor = run.id;
    await clock.sleep(Math.min(POLL_MS, endsAt - clock.elapsed()), signals.stop).catch(() => {});
    const over = state === "running" ? await runs.find(run.id) : null;
    // One that got lost is no run to wait for: the next one takes its place, here or elsewhere.
    if (over !== null && over.outcome !== null && over.outcome !== "lost") {
      return { state: "watched", run: over };
    }
  }
  return { state: "stopped" };
}

import {
  type Clock,
  type JobJournal,
  type JobName,
  type JobPings,
  type JobRun,
  JobRunningError,
  type JobRuns,
  type JobTrigger,
  type Log,
  MS_PER_SECOND,
  StoreError,
} from "@ipcascade/core";
import { describeRun } from "../list_job_runs.ts";
import type { JobOrder, StartedJob } from "../operations.ts";
import { type CountJob, recordJob } from "../record_job.ts";
import { reportError } from "../reported_error.ts";
import { describeEnding, endOfError } from "./describe_ending.ts";
import { type JobEnding, STOPPED_ENDING } from "./job_ending.ts";
import { outcomeOfJobError } from "./job_outcome.ts";
import { pingJob } from "./ping_job.ts";

/** What a runner gives the work of a job. */
export interface JobControl {
  /** Finishes what is in hand, then ends. */
  readonly stop: AbortSignal;
  /** Gives up what is in hand as well. */
  readonly abort: AbortSignal;
  /** Told of what was counted up to now. */
  readonly count: CountJob;
}

/** What runs jobs. */
export interface JobRunnerDeps {
  readonly runs: Pick<JobRuns, "begin" | "sign">;
  /** Where one run writes how it goes. */
  readonly openJournal: () => Promise<JobJournal>;
  readonly pings: JobPings | null;
  readonly clock: Clock;
  readonly log: Log;
  /** How its runs come about. */
  readonly trigger: JobTrigger;
  /** Does the work of a job. */
  readonly work: (job: JobName, control: JobControl) => Promise<JobEnding>;
  /** Gives a UUID. */
  readonly createId: () => string;
  /** SHA-256 as 64 hexadecimal digits. */
  readonly digest: (text: string) => string;
}

/** Runs jobs beside what else a process does. */
export interface JobRunner {
  /**
   * Begins a run and gives its record; the work goes on, and nothing of it fails the process. Throws
   * `JobRunningError` while a run of the job is under way, and `StoreError`.
   */
  start(order: JobOrder): Promise<StartedJob>;
  /** Stops what runs, gives it some seconds, then gives it up. What was stopped is recorded so. */
  close(): Promise<void>;
}

/** A service has some ten seconds from being told to end to being killed; requests have the first five of them. */
const STOP_MS = 3 * MS_PER_SECOND;
/** Work that was given up and does not end is left behind. */
const LEAVE_MS = MS_PER_SECOND;

/** Creates a runner of jobs; nothing runs yet. */
export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const { runs, clock } = deps;
  const [stopping, aborting] = [new AbortController(), new AbortController()];
  const underway = new Map<string, { readonly job: JobName; readonly done: Promise<void> }>();
  const launch = (run: JobRun, given: AbortSignal | undefined) => {
    const signals = given?.aborted === true
      ? { stop: given, abort: given }
      : { stop: stopping.signal, abort: aborting.signal };
    const done = runToEnd(run, signals, deps)
      .finally(() => underway.delete(run.id));
    underway.set(run.id, { job: run.job, done });
  };
  const start = async ({ job, actor, key, signal }: JobOrder): Promise<StartedJob> => {
    // A process that slept has given no sign for long, and is alive.
    for (const [id, run] of underway) if (run.job === job) await runs.sign(id, { at: clock.now() });
    signal?.throwIfAborted();
    const begin = { id: deps.createId(), job, trigger: deps.trigger, actor, startedAt: clock.now() };
    const { state, run } = await runs.begin(begin, key === undefined ? {} : { key: deps.digest(key) });
    if (state === "running") throw new JobRunningError(job, run.id);
    if (state === "begun") launch(run, signal);
    return { run: describeRun(run, clock.now()), is_new: state === "begun" };
  };
  const starting = new Set<Promise<StartedJob>>();
  return {
    start: async (order) => {
      if (stopping.signal.aborted) throw new StoreError(`Cannot run ${order.job}: the process ends`);
      const started = start(order);
      starting.add(started);
      return await started.finally(() => starting.delete(started));
    },
    close: async () => {
      stopping.abort(new DOMException("The process ends", "AbortError"));
      await Promise.allSettled(starting);
      const done = Promise.all([...underway.values()].map((run) => run.done));
      const over = new AbortController();
      const late = clock.sleep(STOP_MS, over.signal).then(() => aborting.abort(), () => {});
      await done;
      over.abort();
      await late;
    },
  };
}

type RunSignals = Pick<JobControl, "stop" | "abort">;

/** Never rejects. */
async function runToEnd(run: JobRun, signals: RunSignals, deps: JobRunnerDeps): Promise<void> {
  const { id, job } = run;
  const { stop } = signals;
  const { pings, clock, log } = deps;
  const options = {
    ...run,
    outcomeOf: (error: unknown) => outcomeOfJobError(error, stop),
  };
  const describe = (end: { readonly value: JobEnding } | { readonly error: unknown }) =>
    describeEnding("value" in end ? end.value : endOfError(end.error, outcomeOfJobError(end.error, stop)));
  try {
    const journal = await deps.openJournal();
    await pingJob(
      { pings, job, id, describe },
      () =>
        recordJob({ journal, clock, log }, options, async (count) => {
          const ending = await workOrLeave(job, { ...signals, count }, deps);
          const outcome = stop.aborted ? "stopped" : ending.outcome;
          // Work that was left has counted what it told while it ran.
          const counts = Object.keys(ending.counts).length === 0 ? undefined : ending.counts;
          return { ...ending, outcome, counts, value: { ...ending, outcome } };
        }),
    );
  } catch (error) {
    log.warn("A run of a job ended with an error", { job, run: id, reason: reportError(error).message });
  }
}

/** Work that was given up may hang: it is left behind, and what it throws later is seen by nobody. */
async function workOrLeave(
  job: JobName,
  control: JobControl,
  { work, clock }: JobRunnerDeps,
): Promise<JobEnding> {
  if (control.abort.aborted) return STOPPED_ENDING;
  const over = new AbortController();
  const left = whenAborted(control.abort)
    .then(() => clock.sleep(LEAVE_MS, over.signal))
    .then(() => STOPPED_ENDING);
  left.catch(() => {});
  try {
    const working = work(job, control);
    working.catch(() => {});
    return await Promise.race([working, left]);
  } finally {
    over.abort();
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

import {
  type Clock,
  type JobBeginning,
  type JobBeginOptions,
  type JobBeginState,
  type JobJournal,
  type JobName,
  type JobOutcome,
  type JobPings,
  type JobRun,
  JobRunningError,
  type JobRuns,
  type JobStart,
  type JobTrigger,
  LockHeldError,
  type Log,
  MS_PER_SECOND,
  ruleOf,
  StoreError,
} from "@ipcascade/core";
import { describeRun } from "../list_job_runs.ts";
import type { JobOrder, StartedJob } from "../operations.ts";
import { inLimitedTime, TimeLimitError } from "../limited_time.ts";
import { type CountJob, recordJob } from "../record_job.ts";
import { reportError } from "../reported_error.ts";
import { describeEnding, endOfError } from "./describe_ending.ts";
import { type JobEnding, STOPPED_ENDING } from "./job_ending.ts";
import { outcomeOfJobError } from "./job_outcome.ts";
import { pingJob } from "./ping_job.ts";
import { limitRun, type RunSignals } from "./run_limits.ts";

/** What a runner gives the work of a job. */
export interface JobControl extends RunSignals {
  /** Told of what was counted up to now. */
  readonly count: CountJob;
  /** The tick of its schedule that the run is for, in milliseconds since 1970 UTC; null where it was asked for. */
  readonly tickAt: number | null;
}

/** A run that is to begin. */
export interface RunOrder extends JobOrder {
  readonly trigger: JobTrigger;
  /** The tick of its schedule that it is for, in milliseconds since 1970 UTC. */
  readonly tickAt?: number;
  /** What ends the run besides the end of the process. */
  readonly endBy?: RunSignals;
}

/** What became of beginning a run. */
export interface BegunRun {
  readonly state: JobBeginState;
  /** See `JobBeginning`. */
  readonly run: JobRun;
  /** How it ended, when it has; null unless it was begun. Never rejects. */
  readonly ended: Promise<JobEnding> | null;
}

/** What runs jobs. */
export interface JobRunnerDeps {
  readonly runs: Pick<JobRuns, "begin" | "sign">;
  /** Where one run writes how it goes. */
  readonly openJournal: () => Promise<JobJournal>;
  readonly pings: JobPings | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Does the work of a job. */
  readonly work: (job: JobName, control: JobControl) => Promise<JobEnding>;
  /** Gives a UUID. */
  readonly createId: () => string;
  /** SHA-256 as 64 hexadecimal digits. */
  readonly digest: (text: string) => string;
}

/** Runs jobs beside what else a process does. */
export interface JobRunner {
  /** Begins a run if it may; the work goes on, and nothing of it fails the process. Throws `StoreError`. */
  begin(order: RunOrder): Promise<BegunRun>;
  /**
   * Begins a run and gives its record. Throws `JobRunningError` while a run of the job, or of one that it conflicts
   * with, is under way, and `StoreError`.
   */
  start(order: RunOrder): Promise<StartedJob>;
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
  const underway = new Map<string, { readonly job: JobName; readonly done: Promise<JobEnding> }>();
  const launch = (run: JobRun, { signal, endBy }: RunOrder) => {
    const signals = signal?.aborted === true ? { stop: signal, abort: signal } : {
      stop: AbortSignal.any([stopping.signal, ...endBy === undefined ? [] : [endBy.stop]]),
      abort: AbortSignal.any([aborting.signal, ...endBy === undefined ? [] : [endBy.abort]]),
    };
    const done = runToEnd(run, signals, deps)
      .finally(() => underway.delete(run.id));
    underway.set(run.id, { job: run.job, done });
    return done;
  };
  const beginNow = async (order: RunOrder): Promise<BegunRun> => {
    const { job, actor, key, signal, trigger, tickAt } = order;
    const { conflicts } = ruleOf(job);
    // A process that slept has given no sign for long, and is alive.
    for (const [id, run] of underway) {
      if (run.job === job || conflicts.includes(run.job)) await runs.sign(id, { at: clock.now() });
    }
    signal?.throwIfAborted();
    const start = { id: deps.createId(), job, trigger, actor, startedAt: clock.now() };
    const options = { tickAt, conflicts, ...key === undefined ? {} : { key: deps.digest(key) } };
    const { state, run } = await beginRecord(start, options, deps);
    return { state, run, ended: state === "begun" ? launch(run, order) : null };
  };
  const starting = new Set<Promise<BegunRun>>();
  const begin = async (order: RunOrder): Promise<BegunRun> => {
    if (stopping.signal.aborted) throw new StoreError(`Cannot run ${order.job}: the process ends`);
    const started = beginNow(order);
    starting.add(started);
    return await started.finally(() => starting.delete(started));
  };
  return {
    begin,
    start: async (order) => {
      const { state, run } = await begin(order);
      if (state !== "begun" && state !== "repeated") throw new JobRunningError(order.job, run);
      return { run: describeRun(run, clock.now()), is_new: state === "begun" };
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

/** People have to be told that the database is away, which is why nothing is known. */
export const TELLING_JOBS: readonly JobName[] = ["check-health", "check-quota"];

/** A job that tells people waits no longer than this for a database that hangs. */
const BEGIN_LIMIT_MS = 10 * MS_PER_SECOND;

async function beginRecord(
  start: JobStart,
  options: JobBeginOptions,
  deps: JobRunnerDeps,
): Promise<JobBeginning> {
  const begin = () => deps.runs.begin(start, options);
  // Whoever asks over HTTP is told as well.
  if (start.trigger === "http" || !TELLING_JOBS.includes(start.job)) return await begin();
  try {
    return await inLimitedTime(begin, { clock: deps.clock, limitMs: BEGIN_LIMIT_MS });
  } catch (error) {
    const isAway = error instanceof StoreError || error instanceof TimeLimitError ||
      error instanceof LockHeldError;
    if (!isAway) throw error;
    return beginUnrecorded({ ...start, tickAt: options.tickAt ?? null }, error, deps);
  }
}

/** The run gets into the record later, if at all, and without its tick. */
function beginUnrecorded(
  start: JobStart & Pick<JobRun, "tickAt">,
  error: Error,
  { log }: JobRunnerDeps,
): JobBeginning {
  log.warn("The database is away: others may run the job as well", { job: start.job, reason: error.message });
  const open = {
    endedAt: null,
    outcome: null,
    counts: {},
    error: null,
    message: null,
    attempt: 1,
  };
  return { state: "begun", run: { ...start, ...open, seenAt: start.startedAt } };
}

/** Never rejects. */
async function runToEnd(run: JobRun, signals: RunSignals, deps: JobRunnerDeps): Promise<JobEnding> {
  const { clock, log, pings } = deps;
  const outcomeOf = (error: unknown): JobOutcome => outcomeOfJobError(error, signals.stop);
  try {
    const journal = await deps.openJournal();
    const describe = (end: { readonly value: JobEnding } | { readonly error: unknown }) =>
      describeEnding("value" in end ? end.value : endOfError(end.error, outcomeOf(end.error)));
    return await pingJob(
      { pings, job: run.job, id: run.id, describe },
      () =>
        recordJob({ journal, clock, log }, { ...run, outcomeOf }, async (count, lost) => {
          const ending = await workInTime(run.job, { ...signals, lost, count, tickAt: run.tickAt }, deps);
          // Work that was left has counted what it told while it ran.
          const counts = Object.keys(ending.counts).length === 0 ? undefined : ending.counts;
          return { ...ending, counts, value: ending };
        }),
    );
  } catch (error) {
    log.warn("A run of a job ended with an error", {
      job: run.job,
      run: run.id,
      reason: reportError(error).message,
    });
    return endOfError(error, outcomeOf(error));
  }
}

type RunControl = JobControl & { readonly lost: AbortSignal };

/** Work within its deadline. Throws what the work throws, unless that only tells that it was late. */
async function workInTime(job: JobName, control: RunControl, deps: JobRunnerDeps): Promise<JobEnding> {
  using limits = limitRun(job, control, deps.clock);
  const { stop, abort } = limits;
  try {
    const ending = await workOrLeave(
      job,
      { stop, abort, count: control.count, tickAt: control.tickAt },
      deps,
    );
    if (limits.late !== null) throw limits.late;
    return { ...ending, outcome: control.stop.aborted ? "stopped" : ending.outcome };
  } catch (error) {
    throw limits.late ?? error;
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

import { type Clock, JobDeadlineError, type JobName, MS_PER_SECOND, ruleOf } from "@ipcascade/core";

/** What tells a run to end. */
export interface RunSignals {
  /** Finishes what is in hand, then ends. */
  readonly stop: AbortSignal;
  /** Gives up what is in hand as well. */
  readonly abort: AbortSignal;
}

/** The signals of a run with a deadline; dispose it when the run is over. */
export interface RunLimits extends RunSignals, Disposable {
  /** Why it took too long; null while it did not. */
  readonly late: JobDeadlineError | null;
}

/** What is in hand after the deadline is given up so much later. */
const GIVE_UP_MS = 30 * MS_PER_SECOND;

/** Stops a run at its job's deadline, and when another one took its place. */
export function limitRun(
  job: JobName,
  { stop, abort, lost }: RunSignals & { readonly lost: AbortSignal },
  clock: Pick<Clock, "sleep">,
): RunLimits {
  const { deadlineMs } = ruleOf(job);
  const [late, given, over] = [new AbortController(), new AbortController(), new AbortController()];
  let error: JobDeadlineError | null = null;
  const expire = async () => {
    await clock.sleep(deadlineMs, over.signal);
    error = new JobDeadlineError(job, deadlineMs);
    late.abort(error);
    await clock.sleep(GIVE_UP_MS, over.signal);
    given.abort(error);
  };
  expire().catch(() => {});
  return {
    stop: AbortSignal.any([stop, lost, late.signal]),
    abort: AbortSignal.any([abort, lost, given.signal]),
    get late() {
      return error;
    },
    [Symbol.dispose]: () => over.abort(),
  };
}

import type { Clock } from "@ipcascade/core";

/** Work that many ask for at once is done once. */
export interface SharedRuns<T, Question = string> {
  /**
   * Gives what the run of a question brings, or brought lately. Rejects with the signal's reason when the caller no
   * longer waits.
   */
  join(question: Question, signal: AbortSignal): Promise<SharedValue<T>>;
}

/** What a run brought. */
export interface SharedValue<T> {
  readonly value: T;
  /** Milliseconds since the run ended. */
  readonly ageMs: number;
}

/** How runs are shared. */
export interface SharedRunsOptions<T, Question = string> {
  readonly work: (question: Question, signal: AbortSignal) => Promise<T>;
  /** The same for questions that have the same answer; default the question as a text. */
  readonly keyOf?: (question: Question) => string;
  readonly clock: Pick<Clock, "elapsed">;
  /** For how long what a run brought is given to others as well, in milliseconds; default 0. */
  readonly keepMs?: number;
  /** True where work ends by its signal, which aborts when nobody waits any more; default false: it goes on. */
  readonly canStop?: boolean;
}

interface Run<T> {
  readonly result: Promise<T>;
  readonly cancel: AbortController;
  waiting: number;
  /** Of `elapsed()`; null while it runs. */
  endedAt: number | null;
}

/** Shares runs. What failed is kept for nobody. */
export function createSharedRuns<T, Question = string>(
  options: SharedRunsOptions<T, Question>,
): SharedRuns<T, Question> {
  const { work, keyOf = String, clock, keepMs = 0, canStop = false } = options;
  const runs = new Map<string, Run<T>>();
  function begin(question: Question, key: string): Run<T> {
    const cancel = new AbortController();
    const run: Run<T> = { result: work(question, cancel.signal), cancel, waiting: 0, endedAt: null };
    runs.set(key, run);
    const forget = () => {
      if (runs.get(key) === run) runs.delete(key);
    };
    run.result.then(() => {
      run.endedAt = clock.elapsed();
      if (keepMs === 0) forget();
    }, forget);
    return run;
  }
  return {
    join: async (question, signal) => {
      signal.throwIfAborted();
      const key = keyOf(question);
      const known = runs.get(key);
      const run = known === undefined || isOld(known, clock, keepMs) ? begin(question, key) : known;
      run.waiting++;
      try {
        const value = await waitFor(run.result, signal);
        return { value, ageMs: clock.elapsed() - (run.endedAt ?? clock.elapsed()) };
      } finally {
        run.waiting--;
        if (canStop && run.waiting === 0 && run.endedAt === null) cancelRun(run, key, runs);
      }
    },
  };
}

function isOld<T>({ endedAt }: Run<T>, clock: Pick<Clock, "elapsed">, keepMs: number): boolean {
  return endedAt !== null && clock.elapsed() - endedAt >= keepMs;
}

function cancelRun<T>(run: Run<T>, key: string, runs: Map<string, Run<T>>): void {
  run.cancel.abort(new DOMException("Nobody waits any more", "AbortError"));
  // Whoever comes now begins anew instead of getting half a result.
  if (runs.get(key) === run) runs.delete(key);
}

async function waitFor<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const left = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([result, left]);
  } finally {
    done.abort();
  }
}

/** A run that several wait for. */
interface SharedRun<Result> {
  readonly result: Promise<Result>;
  readonly abort: AbortController;
  waiting: number;
}

/** Lets those who ask the same at the same time share one run; it is given up once nobody waits for it. */
export class SharedRuns<Result> {
  readonly #runs = new Map<string, SharedRun<Result>>();

  /** Gives what the run of this key brings, or throws the signal's reason when that aborts first. */
  async get(
    key: string,
    start: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    signal.throwIfAborted();
    const run = this.#runs.get(key) ?? this.#start(key, start);
    run.waiting++;
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([run.result, aborted]);
    } finally {
      if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
      if (--run.waiting === 0) this.#end(key, run, signal.reason);
    }
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<Result>): SharedRun<Result> {
    const abort = new AbortController();
    const result = start(abort.signal);
    const run = { result, abort, waiting: 0 };
    this.#runs.set(key, run);
    result.finally(() => this.#forget(key, run)).catch(() => {});
    return run;
  }

  #end(key: string, run: SharedRun<Result>, reason: unknown): void {
    this.#forget(key, run);
    run.abort.abort(reason);
  }

  #forget(key: string, run: SharedRun<Result>): void {
    if (this.#runs.get(key) === run) this.#runs.delete(key);
  }
}

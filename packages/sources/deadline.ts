import type { Clock } from "@ipcascade/core";

/** Thrown by `withTimeout` when the time is up. */
export class DeadlineError extends Error {
  /** Tells it apart in logs. */
  override readonly name = "DeadlineError";
  /** Names the time that was allowed, in milliseconds. */
  constructor(timeoutMs: number) {
    super(`Cannot wait longer: ${timeoutMs} ms have passed`);
  }
}

/** How long to wait, and on whose word to give up earlier. */
export interface TimeoutOptions {
  /** In milliseconds. */
  readonly timeoutMs: number;
  /** Measures the time. */
  readonly clock: Clock;
  /** Gives up before the time. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` and gives up on it when the time is up (`DeadlineError`) or the signal aborts (its reason), even
 * where `work` ignores the signal that it gets. `work` does not start when the signal is aborted already.
 */
export async function withTimeout<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: TimeoutOptions,
): Promise<T> {
  const { timeoutMs, clock, signal } = options;
  signal?.throwIfAborted();
  const stop = new AbortController();
  const timer = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
  });
  clock.sleep(timeoutMs, timer.signal).then(() => stop.abort(new DeadlineError(timeoutMs)), () => undefined);
  try {
    return await Promise.race([work(stop.signal), stopped]);
  } finally {
    timer.abort();
    signal?.removeEventListener("abort", onAbort);
  }
}

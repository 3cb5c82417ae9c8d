import { type Clock, MS_PER_SECOND } from "@ipcascade/core";

/** Thrown when work took longer than it was given. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
  /** Names the limit, in milliseconds. */
  constructor(limitMs: number) {
    super(`no answer within ${Math.ceil(limitMs / MS_PER_SECOND)} s`);
  }
}

/** How long work may take, by which clock. */
export interface TimeLimit {
  readonly clock: Pick<Clock, "sleep">;
  readonly limitMs: number;
}

/**
 * Gives work a time, after which its signal aborts and `TimeLimitError` is thrown, also where the work goes on
 * regardless. What it throws later is seen by nobody.
 */
export async function inLimitedTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, limitMs }: TimeLimit,
): Promise<T> {
  const stop = new AbortController();
  const done = new AbortController();
  const late = clock.sleep(limitMs, done.signal).then(() => {
    const error = new TimeLimitError(limitMs);
    stop.abort(error);
    throw error;
  });
  // Whichever loses must not be taken for a rejection that nobody handles.
  late.catch(() => {});
  const working = work(stop.signal);
  working.catch(() => {});
  try {
    return await Promise.race([working, late]);
  } finally {
    done.abort();
  }
}

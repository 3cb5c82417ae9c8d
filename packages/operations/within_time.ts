import type { Clock } from "@ipcascade/core";
import { inLimitedTime } from "./limited_time.ts";

/** What work brought, or that it was told to stop first. */
export type TimedWork<T> = { readonly isStopped: false; readonly value: T } | { readonly isStopped: true };

/** How long work may take, and what stops it. */
export interface WorkLimits {
  readonly clock: Pick<Clock, "sleep">;
  readonly limitMs: number;
  readonly stop: AbortSignal;
}

/**
 * Waits for work until it is over, is told to stop, or has taken too long. What was left behind may go on, as a frozen
 * database does; what it throws is seen by nobody. Throws `TimeLimitError`, and what the work throws.
 */
export async function withinTime<T>(
  work: () => Promise<T>,
  { clock, limitMs, stop }: WorkLimits,
): Promise<TimedWork<T>> {
  const over = new AbortController();
  const stopped = new Promise<TimedWork<T>>((resolve) => {
    const leave = () => resolve({ isStopped: true });
    if (stop.aborted) leave();
    stop.addEventListener("abort", leave, { once: true, signal: over.signal });
  });
  const race = async (): Promise<TimedWork<T>> => {
    const working = work().then((value) => ({ isStopped: false, value }) as const);
    working.catch(() => {});
    return await Promise.race([stopped, working]);
  };
  try {
    return await inLimitedTime(race, { clock, limitMs });
  } finally {
    over.abort();
  }
}

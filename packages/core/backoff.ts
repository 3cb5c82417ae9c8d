import { MS_PER_DAY, MS_PER_MINUTE, type Random } from "./clock.ts";

/** Exponential back-off: the longest pause before attempt `n + 1` is `baseMs * 2^(n - 1)`, at most `maxMs`. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** The pause after `failures` failures in a row (1 or more), between half of the full pause and all of it. */
export function backoffMs(failures: number, options: BackoffOptions, random: Random): number {
  const full = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(failures - 1, 30));
  // Never less than half: clients that failed together must spread, but not hammer.
  return full * (0.5 + random() / 2);
}

/** Pauses between attempts within one run. */
export const RUN_BACKOFF: BackoffOptions = { baseMs: 500, maxMs: 10_000 };

/** Pauses between attempts at one address across runs: 15 minutes, doubling to a day. */
export const ROW_BACKOFF: BackoffOptions = { baseMs: 15 * MS_PER_MINUTE, maxMs: MS_PER_DAY };

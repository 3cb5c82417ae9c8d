import type { Clock } from "@ipcascade/core";
import type { Limiter } from "./limiter.ts";

/** How much a token bucket lets through. */
export interface TokenBucketOptions {
  /** Tokens that come back in a second; more than 0. */
  readonly ratePerSecond: number;
  /** Tokens a full bucket holds, that is how many may pass at once after a rest; at least 1. */
  readonly burst: number;
  /** Measures the time and sleeps. */
  readonly clock: Clock;
}

/** Tokens are fractions of time, so a full one may lack a rounding error. */
const WHOLE_TOKEN = 1 - 1e-9;

/**
 * A limiter that lets at most `burst + ratePerSecond * t` callers pass in any stretch of `t` seconds, whatever
 * the number of callers. A caller that gives up takes no token. Throws `RangeError` on an impossible rate.
 */
export function createTokenBucket(options: TokenBucketOptions): Limiter {
  const { ratePerSecond, burst, clock } = options;
  if (!(ratePerSecond > 0) || !(burst >= 1)) {
    throw new RangeError(
      `Cannot limit to ${ratePerSecond} per second with a burst of ${burst}: both are too low`,
    );
  }
  // A set keeps the order of arrival and gives up a member from the middle at no cost.
  const waiters = new Set<() => void>();
  let tokens = burst;
  let filledAt = clock.elapsed();
  let isDraining = false;
  let nap: AbortController | null = null;

  function spend(): boolean {
    const now = clock.elapsed();
    tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) * ratePerSecond / 1000);
    filledAt = now;
    if (tokens < WHOLE_TOKEN) return false;
    tokens -= 1;
    return true;
  }

  // One loop hands out all tokens: a timer for each caller would let them wake together and pass together.
  async function drain(): Promise<void> {
    isDraining = true;
    for (let [first] = waiters; first !== undefined; [first] = waiters) {
      if (spend()) {
        waiters.delete(first);
        first();
        continue;
      }
      nap = new AbortController();
      const waitMs = Math.ceil((1 - tokens) * 1000 / ratePerSecond);
      await clock.sleep(waitMs, nap.signal).catch(() => undefined);
    }
    isDraining = false;
  }

  function wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiters.delete(onTurn);
        if (waiters.size === 0) nap?.abort();
        reject(signal?.reason);
      };
      const onTurn = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      waiters.add(onTurn);
      if (!isDraining) void drain();
    });
  }

  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (waiters.size === 0 && spend()) return;
      await wait(signal);
    },
  };
}

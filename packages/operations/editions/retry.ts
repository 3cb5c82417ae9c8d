import { backoffMs, type Clock, EditionDeliveryError, type Random, RUN_BACKOFF } from "@ipcascade/core";

/** How a provider is tried again. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** No new try begins this long after the first one, in milliseconds. */
  readonly retryForMs: number;
  /** Tries in all. */
  readonly maxTries: number;
  readonly signal?: AbortSignal;
  readonly onRetry?: (error: EditionDeliveryError, pauseMs: number) => void;
}

/** Runs work until it succeeds, fails for good, or the time is up; throws the last error. */
export async function retryDelivery<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random, retryForMs, maxTries, signal, onRetry } = options;
  const startedMs = clock.elapsed();
  for (let tries = 1;; tries++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EditionDeliveryError) || !error.isRetryable || tries >= maxTries) throw error;
      const pauseMs = backoffMs(tries, RUN_BACKOFF, random);
      if (clock.elapsed() - startedMs + pauseMs > retryForMs) throw error;
      onRetry?.(error, pauseMs);
      await clock.sleep(pauseMs, signal);
    }
  }
}

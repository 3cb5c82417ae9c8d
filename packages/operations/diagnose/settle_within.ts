import type { Clock } from "@ipcascade/core";
import { type ReportedError, reportError } from "../reported_error.ts";

/** What work brought; `LATE` is the code of work that did not end in time. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ReportedError };

/** How long work is waited for. */
export interface Patience {
  readonly ms: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Waits for work, but no longer than told: what hangs, as a frozen database does, is left behind. Does not reject.
 * The work's own signal aborts once nobody waits for it.
 */
export async function settleWithin<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { ms, clock, signal }: Patience,
): Promise<Settled<T>> {
  const stop = new AbortController();
  const timer = new AbortController();
  const left = new Promise<Settled<T>>((resolve) => {
    const leave = (code: string, message: string) => resolve({ ok: false, error: { code, message } });
    const onAbort = () => leave("STOPPED", "it was stopped");
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true, signal: timer.signal });
    clock.sleep(ms, timer.signal).then(() => leave("LATE", `it did not end within ${ms} ms`), () => {});
  });
  try {
    return await Promise.race([settle(work, stop.signal), left]);
  } finally {
    timer.abort();
    stop.abort(new DOMException("Nobody waits any more", "AbortError"));
  }
}

async function settle<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work(signal) };
  } catch (error) {
    return { ok: false, error: reportError(error) };
  }
}

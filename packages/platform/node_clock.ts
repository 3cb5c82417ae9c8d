import type { Clock } from "@ipcascade/core";

/** Longest time that timers hold; they fire at once beyond it. */
const MAX_TIMER_MS = 2_147_483_647;

/** The clock of the machine. */
export function createNodeClock(): Clock {
  return { now: () => Date.now(), elapsed: () => performance.now(), sleep };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let left = ms;
  while (left > MAX_TIMER_MS) {
    await sleepOnce(MAX_TIMER_MS, signal);
    left -= MAX_TIMER_MS;
  }
  await sleepOnce(Math.max(0, left), signal);
}

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

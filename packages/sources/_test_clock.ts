import { createNodeClock } from "../platform/node_clock.ts";
import type { Clock } from "@ipcascade/core";

/** A clock that stands still until somebody sleeps; then it jumps to the earliest waking. */
export interface VirtualClock extends Clock {
  /** Runs the clock from waking to waking until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Sleepers that nobody woke or aborted. */
  readonly sleepers: number;
}

/** Instant at which virtual clocks start. */
export const START = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Opens a virtual clock. `lateMs` makes every sleep that much too long, as a busy machine does. */
export function createVirtualClock({ lateMs = 0 } = {}): VirtualClock {
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => START + elapsed,
    elapsed: () => elapsed,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = { at: elapsed + ms + lateMs, wake: resolve };
        timers.add(timer);
        signal?.addEventListener("abort", () => {
          timers.delete(timer);
          reject(signal.reason);
        }, { once: true });
      });
    },
    async run(work) {
      let isDone = false;
      work.then(() => isDone = true, () => isDone = true);
      for (;;) {
        // Whatever can go on without the clock has gone on when the event loop turns.
        await turn();
        if (isDone) return await work;
        const [first] = [...timers].sort((a, b) => a.at - b.at);
        if (first === undefined) {
          throw new Error("Cannot go on: the work waits for something else than the clock");
        }
        timers.delete(first);
        elapsed = Math.max(elapsed, first.at);
        first.wake();
      }
    },
    get sleepers() {
      return timers.size;
    },
  };
}

/** The machine's own clock. */
export const realClock: Clock = createNodeClock();

/** Resolves when everything that is ready to run has run. A timer would do, but takes a millisecond. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

import { type Clock, LockHeldError } from "@ipcascade/core";

/** How long a lock is waited for, by which clock. */
export interface LockWait {
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
  readonly limitMs: number;
  /** Told once whom it waits for, when somebody holds it. */
  readonly onWait?: (error: LockHeldError) => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** Between two tries. */
const PAUSE_MS = 250;

/** Opens what another process holds, as soon as it lets go. Throws its `LockHeldError` where that takes too long. */
export async function openWhenFree<T>(
  open: () => Promise<T>,
  { clock, limitMs, onWait, signal }: LockWait,
): Promise<T> {
  const endsAt = clock.elapsed() + limitMs;
  for (let tries = 1;; tries++) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof LockHeldError) || clock.elapsed() + PAUSE_MS > endsAt) throw error;
      if (tries === 1) onWait?.(error);
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}

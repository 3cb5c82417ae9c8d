import { isLostServer, isTransient } from "./sql_error.ts";

const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 5;

/** Pauses while a server is away: some 17 s together, the time of a restart. */
const LOST_PAUSES_MS: readonly number[] = [100, 200, 500, 1_000, 2_000, 3_000, 5_000, 5_000];

/** Does `work` again after a deadlock or a serialization failure, five times at most. */
export async function retryTransient<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES || !isTransient(error)) throw error;
    }
    await pause(FIRST_PAUSE_MS * 2 ** tries);
  }
}

/**
 * Makes a runner that waits for a server which went away and does the work again. What never worked is not waited
 * for: a wrong host is told at once. Work whose commit got lost may be done twice, so it has to be idempotent.
 */
export function createPatience(
  pauses: readonly number[] = LOST_PAUSES_MS,
): <T>(work: () => Promise<T>) => Promise<T> {
  let hasWorked = false;
  return async (work) => {
    for (let tries = 0;; tries++) {
      try {
        const result = await work();
        hasWorked = true;
        return result;
      } catch (error) {
        const pauseMs = pauses[tries];
        if (!hasWorked || pauseMs === undefined || !isLostServer(error)) throw error;
        await pause(pauseMs);
      }
    }
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

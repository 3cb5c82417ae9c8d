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

/** What patience tells of. */
export interface PatienceOptions {
  /** Pauses before the next tries, in milliseconds. */
  readonly pauses?: readonly number[];
  /** Told once each time that the server is away. */
  readonly onAway?: (error: unknown) => void;
}

/**
 * Makes a runner that waits for a server which went away and does the work again. What never worked is not waited
 * for: a wrong host is told at once. Once a server was waited for in vain, everything fails at once until something
 * works again: a run of many statements must not wait for each of them. Work whose commit got lost may be done twice,
 * so it has to be idempotent.
 */
export function createPatience(options: PatienceOptions = {}): <T>(work: () => Promise<T>) => Promise<T> {
  const { pauses = LOST_PAUSES_MS, onAway } = options;
  let state: "untried" | "there" | "away" | "given_up" = "untried";
  return async (work) => {
    for (let tries = 0;; tries++) {
      try {
        const result = await work();
        state = "there";
        return result;
      } catch (error) {
        if (state === "untried" || state === "given_up" || !isLostServer(error)) throw error;
        const pauseMs = pauses[tries];
        if (pauseMs === undefined) {
          state = "given_up";
          throw error;
        }
        if (state === "there") onAway?.(error);
        state = "away";
        await pause(pauseMs);
      }
    }
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

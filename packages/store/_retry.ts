import { isTransient } from "./sql_error.ts";

const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 5;

/** Does `work` again after a deadlock or a serialization failure, five times at most. */
export async function retryTransient<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES || !isTransient(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** tries));
  }
}

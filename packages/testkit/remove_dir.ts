import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

const MAX_TRIES = 20;
const PAUSE_MS = 100;

/** Removes a directory, also one in which a process that is just ending still makes files. */
export async function removeDir(path: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      // Not every runtime heeds `maxRetries`.
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}

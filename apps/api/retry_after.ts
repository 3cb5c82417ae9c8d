import { MS_PER_SECOND } from "@ipcascade/core";

/** Whole seconds of a Retry-After header for a wait in milliseconds. */
export function retryAfter(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / MS_PER_SECOND));
}

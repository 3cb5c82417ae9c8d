import { type JobOutcome, LockHeldError } from "@ipcascade/core";

/** How a run ended whose work threw: what another process is at is left to that one. */
export function outcomeOfJobError(error: unknown, stop: AbortSignal): JobOutcome {
  if (stop.aborted) return "stopped";
  return error instanceof LockHeldError ? "skipped" : "failed";
}

import { MS_PER_SECOND } from "@ipcascade/core";
import { inLimitedTime } from "@ipcascade/operations";
import { createNodeClock } from "./node_clock.ts";

const CLOSE_LIMIT_MS = 5 * MS_PER_SECOND;

/** Gives something back, which waits for a database that may hang, no longer than that; what it throws is seen by nobody. */
export async function closeInTime(opened: AsyncDisposable | null, limitMs = CLOSE_LIMIT_MS): Promise<void> {
  if (opened === null) return;
  const limit = { clock: createNodeClock(), limitMs };
  await inLimitedTime(() => Promise.resolve(opened[Symbol.asyncDispose]()), limit).catch(() => {});
}

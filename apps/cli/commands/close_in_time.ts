import { MS_PER_SECOND } from "@ipcascade/core";
import { inLimitedTime } from "@ipcascade/operations";
import { createNodeClock } from "@ipcascade/platform";

const CLOSE_LIMIT_MS = 5 * MS_PER_SECOND;

/** Gives something back, which waits for a database that may hang; the process ends in any case. */
export async function closeInTime(opened: AsyncDisposable | null, limitMs = CLOSE_LIMIT_MS): Promise<void> {
  if (opened === null) return;
  const limit = { clock: createNodeClock(), limitMs };
  await inLimitedTime(() => Promise.resolve(opened[Symbol.asyncDispose]()), limit).catch(() => {});
}

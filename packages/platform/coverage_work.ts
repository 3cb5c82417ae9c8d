import { type Log, StoreError } from "@ipcascade/core";
import { type CoverageDeps, type TimedWork, TimeLimitError, withinTime } from "@ipcascade/operations";
import { closeInTime } from "./close_in_time.ts";
import { createNodeClock } from "./node_clock.ts";
import { type OpenCoverage, openCoverage } from "./open_coverage.ts";
import type { BorrowOptions } from "./open_database.ts";
import type { Settings } from "./settings.ts";

/** Where work with the database takes place, and what ends it. */
export interface CoverageWorkOptions extends BorrowOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly limitMs: number;
  readonly stop: AbortSignal;
}

/** A database that work was left in is not waited for: it may be frozen. */
const LEFT_CLOSE_MS = 500;

/**
 * Works on coverage in the database, no longer than told. Nothing that is begun has to be finished: a report only
 * reads, and a snapshot is one statement. Throws `StoreError` when it takes too long, and what opening and the work
 * throw.
 */
export async function workOnCoverage<T>(
  work: (deps: CoverageDeps) => Promise<T>,
  { settings, log, database, clock = createNodeClock(), limitMs, stop }: CoverageWorkOptions,
): Promise<TimedWork<T>> {
  const held: { opened: OpenCoverage | null } = { opened: null };
  const openAndWork = async () => {
    held.opened = await openCoverage(settings, log, { database, clock });
    return await work(held.opened.deps);
  };
  let isLeft = false;
  try {
    const done = await withinTime(openAndWork, { clock, limitMs, stop });
    isLeft = done.isStopped;
    return done;
  } catch (error) {
    if (!(error instanceof TimeLimitError)) throw error;
    isLeft = true;
    throw new StoreError(`Cannot work on coverage: the database gives ${error.message}`);
  } finally {
    await (isLeft ? closeInTime(held.opened, LEFT_CLOSE_MS) : closeInTime(held.opened));
  }
}

import { type Log, MS_PER_MINUTE, MS_PER_SECOND } from "@ipcascade/core";
import type { ScheduleOperations } from "@ipcascade/operations";
import { createNodeClock } from "./node_clock.ts";
import { wireJobs } from "./operations_jobs.ts";
import type { Settings } from "./settings.ts";
import { createLentDatabase, createSharedDatabase, type LentDatabase } from "./shared_database.ts";

/** What timers call, by themselves; dispose it to end what runs and give the database back. */
export interface OpenSchedule extends ScheduleOperations, AsyncDisposable {
  /**
   * How often `catchUp` is worth calling: on a server others may be gone at any time, on the embedded database it takes
   * the database from commands for a moment. Milliseconds.
   */
  readonly catchUpMs: number;
}

/** How a schedule is opened. */
export interface OpenScheduleOptions {
  /** Of this program. */
  readonly version: string;
}

/** Runs of others that are gone are taken over within a minute: after their lease and so much more. */
export const CATCH_UP_MS: number = 10 * MS_PER_SECOND;
const EMBEDDED_CATCH_UP_MS = 10 * MS_PER_MINUTE;

/** Wires the jobs for a process that does nothing else. Nothing is opened before the first call. */
export function openSchedule(settings: Settings, log: Log, { version }: OpenScheduleOptions): OpenSchedule {
  const clock = createNodeClock();
  if (settings.databaseUrl !== null) {
    const shared = createSharedDatabase(settings, log, clock);
    const jobs = wireJobs({ settings, log, clock, shared, version });
    return { ...lendFor(jobs.schedule), catchUpMs: CATCH_UP_MS, ...closing(jobs, shared) };
  }
  const lent = createLentDatabase(settings, log, clock);
  const jobs = wireJobs({ settings, log, clock, shared: lent, version });
  return { ...lendFor(jobs.schedule, lent), catchUpMs: EMBEDDED_CATCH_UP_MS, ...closing(jobs, lent) };
}

function closing(jobs: { close(): Promise<void> }, database: AsyncDisposable): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await jobs.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Operations that have the database for as long as what they begin takes. */
function lendFor(schedule: ScheduleOperations, lent?: LentDatabase): ScheduleOperations {
  const during = <T>(work: () => Promise<T>) => lent === undefined ? work() : lent.during(work);
  return {
    runTick: (job) => during(() => schedule.runTick(job)),
    catchUp: (options) =>
      new Promise((resolve, reject) => {
        during(async () => {
          resolve(await schedule.catchUp(options));
          if (lent !== undefined) await schedule.settle();
        }).catch(reject);
      }),
    settle: () => schedule.settle(),
  };
}

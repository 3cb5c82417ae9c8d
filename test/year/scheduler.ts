import { type JobName, MS_PER_MINUTE } from "@ipcascade/core";
import type { CatchUpReport, TickReport } from "@ipcascade/operations";
import { wireJobs } from "../../packages/platform/operations_jobs.ts";
import { type Installation, PRODUCT_VERSION } from "./installation.ts";

/** Of a job that failed, the next try comes no later than so. */
export const RETRY_EVERY_MS = 10 * MS_PER_MINUTE;

/** A process that runs the jobs, wired as `serve --schedule` wires it: on a database that stays open. */
export interface Scheduler extends AsyncDisposable {
  /** What a cron handler does. */
  runTick(job: JobName): Promise<TickReport>;
  /** Catches up, and waits for the end of what it began. */
  catchUp(): Promise<CatchUpReport>;
}

/** Starts the process; it begins by catching up. */
export function startScheduler(installation: Installation): Scheduler {
  const { clock, settings, sql, log, disk, cascade } = installation;
  const lent = { ...sql, close: () => Promise.resolve() };
  const shared = {
    sql: lent,
    signs: lent,
    borrowed: lent,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const jobs = wireJobs({
    settings,
    log,
    clock,
    shared,
    version: PRODUCT_VERSION,
    readSpace: disk.readSpace,
    onRunEnd: () => cascade.maxmind.check(),
  });
  return {
    runTick: (job) => jobs.schedule.runTick(job),
    catchUp: async () => {
      const report = await jobs.schedule.catchUp();
      await jobs.schedule.settle();
      return report;
    },
    [Symbol.asyncDispose]: () => jobs.close(),
  };
}

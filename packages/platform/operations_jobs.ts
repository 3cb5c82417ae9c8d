import type { JobRuns, Log, ReadDiskSpace } from "@ipcascade/core";
import {
  createJobTimer,
  describeRun,
  type JobOperations,
  type JobRunner,
  listJobRuns,
  listJobs,
  type ScheduleOperations,
} from "@ipcascade/operations";
import { createSqlJobRuns, createSqlJobTimetable } from "@ipcascade/store";
import { nextTick, previousTick } from "./cron_ticks.ts";
import { describeOperator } from "./open_quota.ts";
import { openJobJournal, takeInRuns } from "./open_job_journal.ts";
import type { OperationParts } from "./open_operations.ts";
import { createRunId } from "./process_identity.ts";
import { wireJobRunner } from "./wire_job_runner.ts";

/** What jobs are wired from. */
export interface JobParts extends Pick<OperationParts, "settings" | "log" | "clock" | "shared" | "version"> {
  /** Tells the space on the disk; by default of the data directory. */
  readonly readSpace?: ReadDiskSpace;
  /** Called when a run is over. */
  readonly onRunEnd?: () => Promise<void>;
}

/** Jobs that a process runs beside what else it does. */
export interface WiredJobs {
  readonly operations: JobOperations;
  readonly schedule: ScheduleOperations;
  /** Stops what runs and waits for its end. */
  close(): Promise<void>;
}

/** Wires the jobs. */
export function wireJobs(parts: JobParts): WiredJobs {
  const { settings, log, shared, clock } = parts;
  const { schedules, databaseUrl } = settings;
  const isEmbedded = databaseUrl === null;
  const runs = createSqlJobRuns(shared.sql);
  const timetable = createSqlJobTimetable(shared.sql);
  const runner = wireRunner(parts, runs);
  const stopping = new AbortController();
  const takeIn = createTaking(parts);
  // What commands did beside an open embedded database is in files.
  const withAllRuns = async <T>(work: () => Promise<T>) => {
    await takeIn();
    return await work();
  };
  const timer = createJobTimer({
    runs,
    timetable,
    runner,
    schedules,
    clock,
    log,
    previousTick,
    actor: describeOperator(),
    createId: createRunId,
    stop: stopping.signal,
  });
  return {
    operations: {
      listJobs: () =>
        withAllRuns(() =>
          listJobs({ runs, timetable, clock, previousTick, nextTick, schedules, isEmbedded })
        ),
      listJobRuns: (query) => withAllRuns(() => listJobRuns({ runs, clock }, query)),
      findJobRun: (id) =>
        withAllRuns(async () => {
          const run = await runs.find(id);
          return run === null ? null : describeRun(run, clock.now());
        }),
      startJob: (order) =>
        withAllRuns(() => runner.start({ ...order, actor: describeActor(order.actor), trigger: "http" })),
    },
    schedule: {
      // A tick does not wait for the files: what tells people has to run although the database hangs.
      runTick: (job) => timer.runTick(job),
      catchUp: (options) => withAllRuns(() => timer.catchUp(options)),
      settle: () => timer.settle(),
    },
    close: async () => {
      stopping.abort(new DOMException("The process ends", "AbortError"));
      await runner.close();
    },
  };
}

function wireRunner(parts: JobParts, runs: JobRuns): JobRunner {
  const { settings, log, shared, clock, version, readSpace, onRunEnd } = parts;
  return wireJobRunner({
    settings,
    log,
    clock,
    version,
    readSpace,
    // A server has connections for each piece of work, which wait for one that is away.
    database: shared.borrowed,
    runs,
    openJournal: async () => (await openJobJournal(settings, log, { database: shared.signs })).journal,
    onWorkEnd: onRunEnd,
  });
}

/** Takes runs in from files; that it can't is told when that begins, not at every try. */
function createTaking({ shared, settings, log }: JobParts): () => Promise<void> {
  let isTold = false;
  return async () => {
    let hasFailed = false;
    const warn: Log["warn"] = (message, fields) => {
      hasFailed = true;
      if (isTold) log.debug(message, fields);
      else log.warn(message, fields);
    };
    await takeInRuns(shared.sql, settings, { ...log, warn });
    isTold = hasFailed;
  };
}

/** Who asked, and the process that does it: what a job makes lies on its machine. */
function describeActor(caller: string): string {
  return `${caller}, by ${describeOperator()}`;
}

import {
  type Clock,
  type JobName,
  type JobRuns,
  LockHeldError,
  type Log,
  MS_PER_SECOND,
  StoreError,
} from "@ipcascade/core";
import {
  inLimitedTime,
  type JobRunner,
  openWhenFree,
  TELLING_JOBS,
  TimeLimitError,
} from "@ipcascade/operations";
import { createSqlJobRuns, type SqlClient } from "@ipcascade/store";
import type { JobProgress } from "./jobs/mod.ts";
import { createNodeClock } from "./node_clock.ts";
import { openDatabase } from "./open_database.ts";
import { type OpenJobJournal, openJobJournal } from "./open_job_journal.ts";
import type { Settings } from "./settings.ts";
import { wireJobRunner } from "./wire_job_runner.ts";

/** What one run of a job in the foreground works with; dispose it to give the database back. */
export interface OpenJobRun extends AsyncDisposable {
  readonly runner: JobRunner;
  readonly runs: Pick<JobRuns, "begin" | "sign" | "find">;
  readonly clock: Clock;
  /** What the operation of the run reported; null before, and where it threw. */
  readonly report: unknown;
}

/** How a run is prepared. */
export interface OpenJobRunOptions {
  readonly job: JobName;
  /** Of this program. */
  readonly version: string;
  /** How long another process that has the embedded database is waited for, in milliseconds; null is not at all. */
  readonly waitMs: number | null;
  /** Ends that waiting. */
  readonly signal: AbortSignal;
  /** Told once whom it waits for. */
  readonly onWait?: (error: LockHeldError) => void;
  readonly onProgress?: (progress: JobProgress) => void;
}

/** People have to be told soon, although the database hangs. */
const TELL_LIMIT_MS = 15 * MS_PER_SECOND;

/**
 * Opens what one run of a job needs. Throws `LockHeldError` where another process has the embedded database, and
 * `StoreError`; a job that tells people does without the database then.
 */
export async function openJobRun(
  settings: Settings,
  log: Log,
  options: OpenJobRunOptions,
): Promise<OpenJobRun> {
  const { version, onProgress } = options;
  const clock = createNodeClock();
  const database = await openUnlessTelling(settings, log, { ...options, clock });
  const sql = database instanceof Error ? null : database;
  // A server has connections for each piece of work, which wait for one that is away.
  const borrowed = settings.databaseUrl === null && sql !== null ? sql : undefined;
  const journal = await openJobJournal(settings, log, { database: sql ?? undefined });
  const runs = database instanceof Error ? withoutDatabase(database) : createSqlJobRuns(database);
  let report: unknown = null;
  const runner = wireJobRunner({
    settings,
    log,
    clock,
    version,
    database: borrowed,
    onProgress,
    runs,
    openJournal: () => Promise.resolve(journal.journal),
    onWorkEnd: (ending) => {
      report = ending?.report ?? null;
    },
  });
  return {
    runner,
    runs,
    clock,
    get report() {
      return report;
    },
    [Symbol.asyncDispose]: () => close(journal, sql),
  };
}

async function close(journal: OpenJobJournal, sql: SqlClient | null): Promise<void> {
  await journal[Symbol.asyncDispose]();
  await sql?.close();
}

type Opening = OpenJobRunOptions & { readonly clock: Clock };

/** The database, or why a job that tells people has to do without. */
async function openUnlessTelling(
  settings: Settings,
  log: Log,
  options: Opening,
): Promise<SqlClient | StoreError | LockHeldError> {
  const { job, clock, waitMs, signal, onWait } = options;
  const open = () => openDatabase(settings, log);
  if (!TELLING_JOBS.includes(job)) {
    return await openWhenFree(open, { clock, limitMs: waitMs ?? 0, onWait, signal });
  }
  try {
    return await inLimitedTime(open, { clock, limitMs: TELL_LIMIT_MS });
  } catch (error) {
    if (error instanceof TimeLimitError) return new StoreError(`Cannot use the database: ${error.message}`);
    if (error instanceof StoreError || error instanceof LockHeldError) return error;
    throw error;
  }
}

function withoutDatabase(error: StoreError | LockHeldError): Pick<JobRuns, "begin" | "sign" | "find"> {
  const fail = () => Promise.reject(error);
  return { begin: fail, sign: fail, find: fail };
}

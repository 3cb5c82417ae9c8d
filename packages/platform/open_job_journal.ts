import { createHash } from "node:crypto";
import { join } from "node:path";
import type { JobJournal, Log } from "@ipcascade/core";
import { inLimitedTime } from "@ipcascade/operations";
import { createSqlJobRuns, migrate, type SqlClient } from "@ipcascade/store";
import { forgetSpooled, type SpooledRun, takeInSpooled, tellRun, writeSpooled } from "./job_spool.ts";
import { createNodeClock } from "./node_clock.ts";
import type { BorrowOptions } from "./open_database.ts";
import { openPostgresDatabase } from "./postgres_database.ts";
import { readPostgresUrl } from "./postgres_url.ts";
import type { Settings } from "./settings.ts";

/** Where a run of a job is written down; dispose it to give the connection back. */
export interface OpenJobJournal extends AsyncDisposable {
  readonly journal: JobJournal;
}

/** A server that does not take a record within this time gets it later. */
const RECORD_LIMIT_MS = 5_000;

/** Directory of the runs that the database doesn't know yet: each database has its own, and gets no other's. */
export function jobSpoolDir({ dataDir, databaseUrl }: Pick<Settings, "dataDir" | "databaseUrl">): string {
  return join(dataDir, "runs", databaseUrl === null ? "embedded" : nameServer(databaseUrl));
}

/** Tells databases apart by where they are; who logs in, and how, makes no difference. */
function nameServer(url: string): string {
  const { host, port, database } = readPostgresUrl(url);
  const place = JSON.stringify([host, port, database]);
  return createHash("sha256").update(place).digest("hex").slice(0, 16);
}

/**
 * Opens the record of runs. On a server it has a connection of its own, so that it can tell of a run that can't get
 * one. What the server does not take, and everything on the embedded database, which one process has alone, goes
 * into files, that the next opening of the database takes in. A borrowed database is told itself, the embedded one too.
 */
export async function openJobJournal(
  settings: Settings,
  log: Log,
  { database }: BorrowOptions = {},
): Promise<OpenJobJournal> {
  const dir = jobSpoolDir(settings);
  if (database !== undefined) return borrowJournal(database, dir, log);
  const { databaseUrl } = settings;
  if (databaseUrl === null) {
    const journal = createJournal((run) => writeSpooled(dir, run));
    return { journal, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const sql = await openPostgresDatabase(databaseUrl, {
    poolSize: 1,
    connectTimeoutMs: RECORD_LIMIT_MS,
    applicationName: "ipcascade record",
  });
  const runs = createSqlJobRuns(sql);
  let hasFailed = false;
  const write = async (run: SpooledRun) => {
    try {
      // A database that had no answer is not waited for at each word: its next opening brings the run in.
      if (hasFailed) return await writeSpooled(dir, run);
      await withinLimit(migrate(sql).then(() => tellRun(runs, run)));
      if (run.end !== null) await forgetSpooled(dir, run.start.id);
    } catch (error) {
      hasFailed = true;
      log.debug("The run is recorded in the data directory for now", { reason: String(error) });
      await writeSpooled(dir, run);
    }
  };
  return {
    journal: createJournal(write),
    [Symbol.asyncDispose]: () =>
      hasFailed ? Promise.resolve(leave(sql)) : withinLimit(sql.close()).catch(() => {}),
  };
}

/** What an open database does not take in time, as when it is away or busy, it gets from its file later. */
function borrowJournal(database: SqlClient, dir: string, log: Log): OpenJobJournal {
  const runs = createSqlJobRuns(database);
  const write = async (run: SpooledRun) => {
    try {
      await withinLimit(tellRun(runs, run));
      if (run.end !== null) await forgetSpooled(dir, run.start.id);
    } catch (error) {
      log.debug("The run is recorded in the data directory for now", { reason: String(error) });
      await writeSpooled(dir, run);
    }
  };
  return { journal: createJournal(write), [Symbol.asyncDispose]: () => Promise.resolve() };
}

/**
 * Brings the runs in that the database does not know yet. That they can't be recorded now either is no reason to fail.
 */
export async function takeInRuns(database: SqlClient, settings: Settings, log: Log): Promise<void> {
  try {
    const taken = await takeInSpooled(jobSpoolDir(settings), createSqlJobRuns(database), Date.now());
    if (taken > 0) log.debug("Runs of jobs are recorded belatedly", { runs: taken });
  } catch (error) {
    log.warn("Runs of jobs are left in the data directory", { reason: String(error) });
  }
}

/** Closes without waiting for a server that has no answer. */
function leave(sql: SqlClient): void {
  sql.close().catch(() => {});
}

/** A journal that writes a run as a whole with each of its events. */
function createJournal(write: (run: SpooledRun) => Promise<void>): JobJournal {
  const runs = new Map<string, SpooledRun>();
  const change = async (id: string, fields: Partial<SpooledRun>) => {
    const run = runs.get(id);
    if (run === undefined) throw new Error(`Cannot record the run "${id}": it has not begun`);
    if (run.end !== null) return;
    const changed = { ...run, ...fields };
    runs.set(id, changed);
    await write(changed);
  };
  return {
    start: (start) => {
      runs.set(start.id, runs.get(start.id) ?? { start, sign: null, end: null });
      return change(start.id, {});
    },
    sign: (id, sign) => change(id, { sign }),
    end: (id, end) => change(id, { end }),
  };
}

/** Gives up waiting, not the work: that ends with its connection. */
function withinLimit<T>(work: Promise<T>): Promise<T> {
  return inLimitedTime(() => work, { clock: createNodeClock(), limitMs: RECORD_LIMIT_MS });
}

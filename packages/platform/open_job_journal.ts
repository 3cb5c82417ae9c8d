import { createHash } from "node:crypto";
import { join } from "node:path";
import { type JobBeginning, type JobJournal, type JobStart, type Log, ruleOf } from "@ipcascade/core";
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
  /**
   * Begins a run under a lease, unless one of the job, or of one that it conflicts with, is under way. Null where nobody
   * can be asked: on the embedded database, which one process has alone, and while the server is away.
   */
  begin(start: JobStart): Promise<JobBeginning | null>;
}

/** A server that does not take a record within this time gets it later. */
const RECORD_LIMIT_MS = 5_000;
/** A lease is worth waiting for others that get theirs. */
const BEGIN_LIMIT_MS = 15_000;

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
  return databaseUrl === null ? openSpoolJournal(dir) : await openServerJournal(databaseUrl, dir, log);
}

const ALONE = { begin: () => Promise.resolve(null), [Symbol.asyncDispose]: () => Promise.resolve() } as const;

function openSpoolJournal(dir: string): OpenJobJournal {
  return { journal: createJournal((run) => spool(dir, run)), ...ALONE };
}

async function openServerJournal(databaseUrl: string, dir: string, log: Log): Promise<OpenJobJournal> {
  const sql = await openPostgresDatabase(databaseUrl, {
    poolSize: 1,
    connectTimeoutMs: RECORD_LIMIT_MS,
    applicationName: "ipcascade record",
  });
  const runs = createSqlJobRuns(sql);
  let [hasFailed, holdsLease] = [false, false];
  const ask = async <T>(work: () => Promise<T>, limitMs?: number) => {
    try {
      const answer = await withinLimit(migrate(sql).then(work), limitMs);
      hasFailed = false;
      return answer;
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const writer = createWriter(dir, log, (run) => ask(() => tellRun(runs, run)));
  // A database that had no answer is not waited for at each word: its next opening brings the run in. A lease is lost
  // for good, though, unless it is renewed once the database is back.
  const write = (run: SpooledRun) => hasFailed && !holdsLease ? spool(dir, run) : writer(run);
  return {
    journal: createJournal(write),
    begin: async (start) => {
      try {
        const { conflicts } = ruleOf(start.job);
        const begun = await ask(() => runs.begin(start, { conflicts }), BEGIN_LIMIT_MS);
        holdsLease = begun.state === "begun";
        return begun;
      } catch (error) {
        log.warn("The run begins without a lease: others may begin one beside it", { reason: String(error) });
        return null;
      }
    },
    [Symbol.asyncDispose]: () =>
      hasFailed ? Promise.resolve(leave(sql)) : withinLimit(sql.close()).catch(() => {}),
  };
}

/** What an open database does not take in time, as when it is away or busy, it gets from its file later. */
function borrowJournal(database: SqlClient, dir: string, log: Log): OpenJobJournal {
  const runs = createSqlJobRuns(database);
  return {
    journal: createJournal(createWriter(dir, log, (run) => withinLimit(tellRun(runs, run)))),
    ...ALONE,
  };
}

/** Tells the database of a run, or keeps it in a file where it does not listen. */
function createWriter(
  dir: string,
  log: Log,
  tell: (run: SpooledRun) => Promise<boolean>,
): (run: SpooledRun) => Promise<boolean> {
  let isSpooled = false;
  return async (run) => {
    try {
      const goesOn = await tell(run);
      // An outage is over, or the run is: what the file says is in the record.
      if (run.end !== null || isSpooled) await forgetSpooled(dir, run.start.id);
      isSpooled = false;
      return goesOn;
    } catch (error) {
      log.debug("The run is recorded in the data directory for now", { reason: String(error) });
      isSpooled = true;
      return await spool(dir, run);
    }
  };
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

/** Whether another run took the place of this one can't be known from here. */
async function spool(dir: string, run: SpooledRun): Promise<true> {
  await writeSpooled(dir, run);
  return true;
}

/** Closes without waiting for a server that has no answer. */
function leave(sql: SqlClient): void {
  sql.close().catch(() => {});
}

/** A journal that writes a run as a whole with each of its events; `write` tells whether the run goes on. */
function createJournal(write: (run: SpooledRun) => Promise<boolean>): JobJournal {
  const runs = new Map<string, SpooledRun>();
  const change = async (id: string, fields: Partial<SpooledRun>): Promise<boolean> => {
    const run = runs.get(id);
    if (run === undefined) throw new Error(`Cannot record the run "${id}": it has not begun`);
    if (run.end !== null) return true;
    const changed = { ...run, ...fields };
    runs.set(id, changed);
    return await write(changed);
  };
  return {
    start: async (start) => {
      runs.set(start.id, runs.get(start.id) ?? { start, sign: null, end: null });
      await change(start.id, {});
    },
    sign: (id, sign) => change(id, { sign }),
    end: async (id, end) => {
      await change(id, { end });
    },
  };
}

/** Gives up waiting, not the work: that ends with its connection. */
function withinLimit<T>(work: Promise<T>, limitMs = RECORD_LIMIT_MS): Promise<T> {
  return inLimitedTime(() => work, { clock: createNodeClock(), limitMs });
}

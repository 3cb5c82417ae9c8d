import { type Clock, type LockHeldError, type Log, MS_PER_SECOND } from "@ipcascade/core";
import { openWhenFree } from "@ipcascade/operations";
import type { SqlClient } from "@ipcascade/store";
import { deferDatabase, waitAtMost } from "./lazy_database.ts";
import { openDatabase } from "./open_database.ts";
import { openPostgresDatabase } from "./postgres_database.ts";
import type { Settings } from "./settings.ts";

/** The database of a process that stays open, shared by everything it does at once. */
export interface SharedDatabase extends AsyncDisposable {
  /** Opened with the first statement, and tried again when that failed. Closing it leaves the database open. */
  readonly sql: SqlClient;
  /** A connection of its own for signs of life, so that they don't wait behind the work. */
  readonly signs: SqlClient;
  /**
   * The embedded database, which a process has alone: all that works on it borrows it. Undefined for a server, where
   * a piece of work that waits for the database has connections of its own.
   */
  readonly borrowed: SqlClient | undefined;
}

/** The embedded database of a process that leaves it to others between pieces of work. */
export interface LentDatabase extends SharedDatabase {
  /** Does a piece of work with the database open. Throws `LockHeldError` where others have it for too long. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

/** Whoever asks waits for a short hitch, not for a restart: a second in all. */
const AWAY_PAUSES_MS: readonly number[] = [50, 150, 300, 500];
/** A database that could not be opened is left alone for so long. */
const RETRY_MS = MS_PER_SECOND;
const CLOSE_MS = 5 * MS_PER_SECOND;
/** Commands that use the embedded database are waited for as long. */
const LEND_LIMIT_MS = 600 * MS_PER_SECOND;

/** Prepares the shared database; nothing is opened yet. */
export function createSharedDatabase(settings: Settings, log: Log, clock: Clock): SharedDatabase {
  const main = createOpener(() => openDatabase(settings, log, { awayPausesMs: AWAY_PAUSES_MS }), clock);
  const sql = deferDatabase(main);
  const { databaseUrl } = settings;
  if (databaseUrl === null) {
    return { sql, signs: sql, borrowed: sql, [Symbol.asyncDispose]: () => main.close() };
  }
  const lively = createOpener(() => openPostgresDatabase(databaseUrl, { poolSize: 1 }), clock);
  return {
    sql,
    signs: deferDatabase(lively),
    borrowed: undefined,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([main.close(), lively.close()]);
    },
  };
}

/** Prepares the embedded database for pieces of work; those that overlap share it. */
export function createLentDatabase(settings: Settings, log: Log, clock: Clock): LentDatabase {
  let users = 0;
  let opening: Promise<SqlClient> | null = null;
  let closing: Promise<unknown> = Promise.resolve();
  const open = async () => {
    await closing;
    const onWait = (error: LockHeldError) =>
      log.warn(
        "The embedded database is in use and waited for; beside a server, serve --schedule runs jobs",
        {
          reason: error.message,
        },
      );
    const options = { clock, limitMs: LEND_LIMIT_MS, onWait };
    return await openWhenFree(() => openDatabase(settings, log), options);
  };
  const release = () => {
    const database = opening;
    if (--users > 0 || database === null) return;
    opening = null;
    closing = database.then((opened) => opened.close()).catch(() => {});
  };
  const sql = deferDatabase({ get: () => opening ?? Promise.reject(new Error("The database is not open")) });
  return {
    sql,
    signs: sql,
    borrowed: sql,
    during: async (work) => {
      users++;
      opening ??= open();
      try {
        await opening;
        return await work();
      } finally {
        release();
        await closing;
      }
    },
    [Symbol.asyncDispose]: async () => await waitAtMost(closing, CLOSE_MS),
  };
}

/** Opens once; what failed is told to everybody for a while, then tried again. */
function createOpener(open: () => Promise<SqlClient>, clock: Clock) {
  let opening: Promise<SqlClient> | null = null;
  let failedAtMs = -Infinity;
  return {
    get: (): Promise<SqlClient> => {
      if (opening !== null && clock.elapsed() - failedAtMs < RETRY_MS) return opening;
      if (opening === null || failedAtMs > -Infinity) {
        failedAtMs = -Infinity;
        opening = open();
        opening.catch(() => failedAtMs = clock.elapsed());
      }
      return opening;
    },
    close: async () => {
      if (opening === null) return;
      await waitAtMost(opening.then((database) => database.close()).catch(() => {}), CLOSE_MS);
    },
  };
}

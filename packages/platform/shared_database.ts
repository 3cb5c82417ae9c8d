import { type Clock, type Log, MS_PER_SECOND } from "@ipcascade/core";
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

/** Whoever asks waits for a short hitch, not for a restart: a second in all. */
const AWAY_PAUSES_MS: readonly number[] = [50, 150, 300, 500];
/** A database that could not be opened is left alone for so long. */
const RETRY_MS = MS_PER_SECOND;
const CLOSE_MS = 5 * MS_PER_SECOND;

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

import type { Log } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import { openDatabase } from "./open_database.ts";
import { openOrClose } from "./open_or_close.ts";
import { openPostgresDatabase } from "./postgres_database.ts";
import type { Settings } from "./settings.ts";

/** A database, and a connection to it for signs of life alone. */
export interface LivelyDatabase {
  /** Closing it closes both. */
  readonly sql: SqlClient;
  /**
   * On the pool signs of life would wait behind the work, and others would take the worker for dead. It connects when it
   * is first needed. The embedded database has one connection, and nobody else looks.
   */
  readonly signs: SqlClient;
}

/** Opens the database of a process that holds work others must not take. */
export async function openLivelyDatabase(settings: Settings, log: Log): Promise<LivelyDatabase> {
  const sql = await openDatabase(settings, log);
  const { databaseUrl } = settings;
  if (databaseUrl === null) return { sql, signs: sql };
  const signs = await openOrClose(sql, () =>
    openPostgresDatabase(databaseUrl, {
      poolSize: 1,
      onAway: (error) =>
        log.warn("The database is away and waited for by signs of life", { reason: String(error) }),
    }));
  return { sql: { ...sql, close: () => signs.close().finally(() => sql.close()) }, signs };
}

import type { Log } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import { openPostgresDatabase } from "./postgres_database.ts";
import type { Settings } from "./settings.ts";

/**
 * A connection for signs of life alone: on the pool they would wait behind the work, and others would take the worker
 * for dead. The embedded database has one connection, and nobody else looks.
 */
export async function openSignsOfLife(
  database: SqlClient,
  settings: Pick<Settings, "databaseUrl">,
  log: Log,
): Promise<SqlClient> {
  if (settings.databaseUrl === null) return { ...database, close: () => Promise.resolve() };
  return await openPostgresDatabase(settings.databaseUrl, {
    poolSize: 1,
    onAway: (error) =>
      log.warn("The database is away and waited for by signs of life", { reason: String(error) }),
  });
}

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type Clock, type Log, quoteInput, UsageError } from "@ipcascade/core";
import { forgetHolders, migrate, type SqlClient } from "@ipcascade/store";
import { takeInRuns } from "./open_job_journal.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { openPostgresDatabase } from "./postgres_database.ts";
import type { Settings } from "./settings.ts";

/** What a piece of work is lent. */
export interface BorrowOptions {
  /** An open database to work on, which stays open; by default one is opened, and closed again. */
  readonly database?: SqlClient;
  /** What the work goes by; by default the machine's. */
  readonly clock?: Clock;
}

/** How a database is opened. */
export interface OpenDatabaseOptions {
  /** Pauses before further tries while a server is away, in milliseconds; by default some 17 s together. */
  readonly awayPausesMs?: readonly number[];
}

/** Opens the inventory's database and brings its schema up to date. */
export async function openDatabase(
  settings: Settings,
  log: Log,
  options: OpenDatabaseOptions = {},
): Promise<SqlClient> {
  const database = await connectDatabase(settings, log, options);
  try {
    const { applied } = await migrate(database);
    if (applied.length > 0) log.info("Schema is brought up to date", { migrations: applied.length });
    // Nobody else can have the embedded database open: whoever claimed rows there is gone.
    if (settings.databaseUrl === null) await forgetHolders(database);
    await takeInRuns(database, settings, log);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A database for one piece of work: a borrowed one, which stays open, or else one of its own. */
export async function borrowOrOpen(
  borrowed: SqlClient | undefined,
  settings: Settings,
  log: Log,
): Promise<SqlClient> {
  if (borrowed === undefined) return await openDatabase(settings, log);
  return { ...borrowed, close: () => Promise.resolve() };
}

async function connectDatabase(
  settings: Settings,
  log: Log,
  { awayPausesMs }: OpenDatabaseOptions,
): Promise<SqlClient> {
  if (settings.databaseUrl !== null) {
    const poolSize = settings.databasePool === 0 ? availableParallelism() * 2 : settings.databasePool;
    return await openPostgresDatabase(settings.databaseUrl, {
      poolSize,
      awayPausesMs,
      onAway: (error) => log.warn("The database is away and waited for", { reason: String(error) }),
    });
  }
  if (!existsSync(settings.dataDir)) {
    log.info("Creating the embedded database, which takes some seconds", { directory: settings.dataDir });
    await createDirectory(settings.dataDir);
  }
  return await openPgliteDatabase(settings.dataDir);
}

async function createDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new UsageError(`Cannot create the data directory ${quoteInput(path)}: ${code}`);
  }
}

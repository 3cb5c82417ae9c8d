import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LockHeldError } from "@ipcascade/core";
import { createPgliteClient, type SqlClient, toSqlError } from "@ipcascade/store";
import { type DirectoryLock, openDirectoryLock } from "./directory_lock.ts";
import { unpackPgliteTemplate } from "./pglite_template.ts";

/** The database's own directory in the data directory. */
const DATABASE = "postgres";

/**
 * Opens the embedded database in a data directory, which is made when it is not there. Throws `LockHeldError` when
 * another process, or this one, has it open, and `StoreError` when it can't be opened. Closing the client gives the
 * directory back.
 */
export async function openPgliteDatabase(dataDir: string): Promise<SqlClient> {
  const path = join(dataDir, DATABASE);
  const lock = await openLock(dataDir, path);
  try {
    return closeWithLock(await openDatabase(path), lock);
  } catch (error) {
    await lock.release();
    throw toSqlError(error);
  }
}

async function openLock(dataDir: string, path: string): Promise<DirectoryLock> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await openDirectoryLock(`${path}.lock`, { action: `open the database "${path}"` });
  } catch (error) {
    throw error instanceof LockHeldError ? error : toSqlError(error);
  }
}

/** Opens PGlite. A database that was being made when its process was killed is made again. */
async function openDatabase(path: string): Promise<SqlClient> {
  const marker = `${path}.new`;
  if (existsSync(marker)) await rm(path, { recursive: true, force: true });
  const isNew = !existsSync(join(path, "PG_VERSION"));
  if (isNew) {
    await writeFile(marker, "");
    unpackPgliteTemplate(path);
  }
  const client = await startPglite(path);
  if (isNew) await rm(marker, { force: true });
  return client;
}

// Measured on Deno with an existing database: 310 MB resident with PostgreSQL's own 128 MB of buffers, 195 MB with
// 32 MB, at the same speed. The working memory holds a batch of 5 000 rows (see the inventory store).
const START_PARAMETERS = ["-c", "shared_buffers=32MB", "-c", "work_mem=32MB", "-c", "jit=off"];

async function startPglite(path: string): Promise<SqlClient> {
  // Imported when needed: a program that uses a server does not load 20 MB of WebAssembly.
  const { PGlite } = await import("@electric-sql/pglite");
  const startParams = [...PGlite.defaultStartParams, ...START_PARAMETERS];
  return createPgliteClient(await PGlite.create(path, { startParams }));
}

function closeWithLock(client: SqlClient, lock: DirectoryLock): SqlClient {
  let closing: Promise<void> | null = null;
  const close = async () => {
    try {
      await client.close();
    } finally {
      await lock.release();
    }
  };
  return { ...client, close: () => closing ??= close() };
}

import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { quoteInput, StoreError } from "@ipcascade/core";
import type { ScratchDatabase } from "@ipcascade/operations";
import { createSqlBackupDatabase, migrate } from "@ipcascade/store";
import { readErrorCode } from "./durable_files.ts";
import { describeSystemError } from "./input_unreadable_error.ts";
import { createNodeClock } from "./node_clock.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { mayBeAlive, type ProcessIdentity, readOwnIdentity } from "./process_identity.ts";

const PREFIX = "ipcascade-scratch~";
const NAME = /^ipcascade-scratch~(?<host>[^~]+)~(?<pid>\d+)~(?<start>[^~]+)~[A-Za-z0-9_-]+$/;

/**
 * Opens an empty embedded database in a directory of its own below `parent`, for trying a restore; disposing it
 * removes the directory. What killed processes left there is removed, too. Throws `StoreError`, which names `parent`
 * when nothing can be made in it.
 */
export async function openScratchDatabase(parent: string = tmpdir()): Promise<ScratchDatabase> {
  const dir = await makeDirectory(parent);
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const sql = await openPgliteDatabase(dir);
    // A disk that is full may refuse that, too; what is removed needs no orderly end.
    const close = () => sql.close().catch(() => {}).then(remove);
    await migrate(sql).catch(async (error) => {
      await close();
      throw error;
    });
    return {
      database: createSqlBackupDatabase({
        sql,
        kind: "embedded",
        clock: createNodeClock(),
        random: Math.random,
      }),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await remove();
    throw cannotMake(parent, error);
  }
}

async function makeDirectory(parent: string): Promise<string> {
  const { host, pid, start } = readOwnIdentity();
  try {
    await sweepScratch(parent);
    return await mkdtemp(join(parent, `${PREFIX}${host}~${pid}~${start}~`));
  } catch (error) {
    throw cannotMake(parent, error);
  }
}

function cannotMake(parent: string, error: unknown): StoreError {
  const isMissing = readErrorCode(error) === "ENOENT";
  const reason = isMissing ? "there is no such directory" : describeSystemError(error);
  return new StoreError(
    `Cannot make a scratch database in ${quoteInput(parent)}: ${reason}; TMPDIR names the directory`,
  );
}

async function sweepScratch(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const identity = parseName(name);
    if (identity === null || mayBeAlive(identity)) continue;
    const path = join(parent, name);
    if (await isOwnDirectory(path)) await rm(path, { recursive: true, force: true });
  }
}

/** Everybody may make directories there; those of others are theirs to remove. */
async function isOwnDirectory(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
}

function parseName(name: string): ProcessIdentity | null {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return null;
  return { host: groups.host!, pid: Number(groups.pid), start: groups.start! };
}

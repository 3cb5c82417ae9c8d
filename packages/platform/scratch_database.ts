import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ScratchDatabase } from "@ipcascade/operations";
import { createSqlBackupDatabase, migrate } from "@ipcascade/store";
import { createNodeClock } from "./node_clock.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { mayBeAlive, type ProcessIdentity, readOwnIdentity } from "./process_identity.ts";

const PREFIX = "ipcascade-scratch~";
const NAME = /^ipcascade-scratch~(?<host>[^~]+)~(?<pid>\d+)~(?<start>[^~]+)~[A-Za-z0-9_-]+$/;

/**
 * Opens an empty embedded database in a directory of its own below `parent`, for trying a restore; disposing it
 * removes the directory. What killed processes left there is removed, too.
 */
export async function openScratchDatabase(parent: string = tmpdir()): Promise<ScratchDatabase> {
  await sweepScratch(parent);
  const { host, pid, start } = readOwnIdentity();
  const dir = await mkdtemp(join(parent, `${PREFIX}${host}~${pid}~${start}~`));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const sql = await openPgliteDatabase(dir);
    const close = () => sql.close().finally(remove);
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
    throw error;
  }
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

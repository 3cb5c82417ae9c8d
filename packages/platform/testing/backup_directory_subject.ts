import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { isBackupId, MS_PER_DAY } from "@ipcascade/core";
import type { BackupPlaceSubject } from "../../testkit/backup_place_contract.ts";
import { createBackupDirectory } from "../backup_directory.ts";
import { createNodeClock } from "../node_clock.ts";

/** A directory of backups for the contract. */
export function createBackupDirectorySubject(dir: string): BackupPlaceSubject {
  return {
    open: () => createBackupDirectory({ dir, clock: createNodeClock() }),
    owner: `this process (${process.pid}) holds the lock of the backups`,
    abandon: (id) => abandonStaging(dir, `.staging-${id}~elsewhere~7~x.1`),
    listLeftovers: () => listBackupLeftovers(dir),
  };
}

/** Leaves a staging of two days ago. */
export async function abandonStaging(dir: string, name: string): Promise<void> {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, "sessions.copy.gz"), "cut");
  const then = (Date.now() - 2 * MS_PER_DAY) / 1_000;
  await utimes(join(dir, name, "sessions.copy.gz"), then, then);
  await utimes(join(dir, name), then, then);
}

/** What lies in a directory of backups besides complete ones. */
export async function listBackupLeftovers(dir: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(dir).catch(() => [])) {
    if (name === ".lock") continue;
    const files = await readdir(join(dir, name));
    if (!isBackupId(name) || !files.includes("manifest.json")) found.push(name);
    found.push(...files.filter((file) => file.startsWith(".")).map((file) => `${name}/${file}`));
  }
  return found;
}

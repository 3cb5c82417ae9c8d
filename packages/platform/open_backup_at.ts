import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  BackupDamagedError,
  BackupMissingError,
  type BackupPlace,
  type Clock,
  isBackupId,
  type Log,
  quoteInput,
} from "@ipcascade/core";
import { createBackupDirectory } from "./backup_directory.ts";
import { findBackupText, withBackupPath } from "./backup_files.ts";
import { readErrorCode } from "./durable_files.ts";
import { BACKUP_MANIFEST, MAX_MANIFEST_BYTES } from "./backup_names.ts";

/** One backup, wherever it lies. */
export interface BackupAt {
  readonly place: BackupPlace;
  readonly id: string;
}

/**
 * Opens a backup by the path of its directory or of its manifest. The directory may have been renamed: the id is what
 * the manifest says. Throws `BackupMissingError` when there is no backup, `BackupPlaceError` when nothing can be read, `BackupDamagedError` when nothing tells its id.
 */
export async function openBackupAt(path: string, deps: { clock: Clock; log?: Log }): Promise<BackupAt> {
  const dir = await findDirectory(resolve(path));
  const text = await findBackupText(join(dir, BACKUP_MANIFEST), {
    maxBytes: MAX_MANIFEST_BYTES,
    member: "manifest",
  });
  if (text === null) {
    throw new BackupMissingError(`Cannot open the backup ${quoteInput(path)}: it has no ${BACKUP_MANIFEST}`);
  }
  const name = basename(dir);
  const id = findId(text) ?? (isBackupId(name) ? name : null);
  if (id === null) {
    throw new BackupDamagedError(
      `Cannot open the backup ${quoteInput(path)}: its manifest can't be read`,
      "manifest",
    );
  }
  return { place: createBackupDirectory({ dir: dirname(dir), only: { id, name }, ...deps }), id };
}

async function findDirectory(path: string): Promise<string> {
  if (basename(path) === BACKUP_MANIFEST) return dirname(path);
  const entry = await withBackupPath("read", path, () => findEntry(path));
  if (entry === null) {
    throw new BackupMissingError(`Cannot open the backup ${quoteInput(path)}: there is no such directory`);
  }
  if (entry.isDirectory()) return await realpath(path);
  throw new BackupMissingError(
    `Cannot open the backup ${quoteInput(path)}: allowed is its directory or its ${BACKUP_MANIFEST}`,
  );
}

async function findEntry(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(readErrorCode(error) ?? "")) return null;
    throw error;
  }
}

/** What it says of itself; whether it may be trusted is found out later. */
function findId(manifest: string): string | null {
  try {
    const { id } = JSON.parse(manifest);
    return typeof id === "string" && isBackupId(id) ? id : null;
  } catch {
    return null;
  }
}

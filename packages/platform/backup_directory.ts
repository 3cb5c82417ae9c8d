import { readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  BackupDamagedError,
  type BackupPlace,
  BackupPlaceError,
  type BackupStaging,
  type Clock,
  isBackupId,
  type Log,
  quoteInput,
  type StoredFile,
} from "@ipcascade/core";
import { openDirectoryStaging } from "./backup_directory_staging.ts";
import {
  findBackupText,
  findEntry,
  readBackupFile,
  replaceBackupFile,
  withBackupPath,
} from "./backup_files.ts";
import { nameUnfinished, removeLeftovers } from "./backup_leftovers.ts";
import {
  BACKUP_MANIFEST,
  BACKUP_MARK,
  checkBackupId,
  checkMemberFile,
  isMemberFile,
  MAX_MANIFEST_BYTES,
  MAX_MARK_BYTES,
} from "./backup_names.ts";
import { lockBackups } from "./backup_lock.ts";
import { isMissing, makeDirectory, syncDirectory } from "./durable_files.ts";

/** Where backups are, and what that needs. */
export interface BackupDirectoryOptions {
  /** Made when something is written to it first. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** Makes it the place of one backup, whose directory may have any name. */
  readonly only?: { readonly id: string; readonly name: string };
}

/** Backups in a directory, a directory each. */
export function createBackupDirectory(options: BackupDirectoryOptions): BackupPlace {
  return new BackupDirectory(options);
}

class BackupDirectory implements BackupPlace {
  readonly place: string;
  readonly #options: BackupDirectoryOptions;
  readonly #inUse = new Set<string>();
  #isLocked = false;

  constructor(options: BackupDirectoryOptions) {
    this.place = resolve(options.dir);
    this.#options = options;
  }

  async lock(action: string, { isMakingRoom = false } = {}): Promise<AsyncDisposable> {
    await this.#make();
    return await lockBackups(join(this.place, ".lock"), {
      action,
      roomLog: isMakingRoom ? this.#options.log : null,
      onChange: (isLocked) => this.#isLocked = isLocked,
    });
  }

  async listIds(): Promise<readonly string[]> {
    const { only } = this.#options;
    const names = only === undefined ? await this.#listDirectories() : [only.id];
    const ids: string[] = [];
    for (const id of names) {
      if (isBackupId(id) && await this.#exists(id)) ids.push(id);
    }
    return ids.sort().reverse();
  }

  async readManifest(id: string): Promise<string | null> {
    if (!await this.#exists(id)) return null;
    const path = join(this.#pathOf(id), BACKUP_MANIFEST);
    return await findBackupText(path, { maxBytes: MAX_MANIFEST_BYTES, member: "manifest" });
  }

  async listFiles(id: string): Promise<readonly StoredFile[]> {
    const path = this.#pathOf(id);
    if (!await this.#exists(id)) return [];
    return await withBackupPath("read", path, async () => {
      const files: StoredFile[] = [];
      for (const file of (await readdir(path)).filter(isMemberFile).sort()) {
        const entry = await findEntry(join(path, file));
        if (entry?.isFile()) files.push({ file, size: entry.size });
      }
      return files;
    });
  }

  async *readFile(id: string, file: string): AsyncGenerator<Uint8Array> {
    checkMemberFile(file);
    const path = join(this.#pathOf(id), file);
    if (!await this.#exists(id)) {
      throw new BackupDamagedError(`Cannot read ${quoteInput(path)}: there is no such backup`, file);
    }
    yield* readBackupFile(path, file);
  }

  async stage(id: string): Promise<BackupStaging> {
    checkBackupId(id);
    this.#checkLock();
    await this.#make();
    const name = nameUnfinished("staging", id);
    const staging = await openDirectoryStaging(id, {
      path: join(this.place, name),
      target: join(this.place, id),
      log: this.#options.log,
      checkLock: () => this.#checkLock(),
      onEnd: () => void this.#inUse.delete(name),
    });
    this.#inUse.add(name);
    return staging;
  }

  async readMark(id: string): Promise<string | null> {
    if (!await this.#exists(id)) return null;
    const path = join(this.#pathOf(id), BACKUP_MARK);
    return await findBackupText(path, { maxBytes: MAX_MARK_BYTES, member: "mark" });
  }

  async writeMark(id: string, text: string): Promise<void> {
    await this.#need(id, "mark");
    await replaceBackupFile(join(this.#pathOf(id), BACKUP_MARK), text);
  }

  async rewrite(id: string, manifest: string, removed: readonly string[]): Promise<void> {
    removed.forEach(checkMemberFile);
    this.#checkLock();
    await this.#need(id, "rewrite");
    const path = this.#pathOf(id);
    await replaceBackupFile(join(path, BACKUP_MANIFEST), manifest);
    await withBackupPath("remove", path, async () => {
      for (const file of removed) await rm(join(path, file), { force: true });
      await syncDirectory(path);
    });
  }

  async remove(id: string): Promise<void> {
    const path = this.#pathOf(id);
    this.#checkLock();
    const gone = join(this.place, nameUnfinished("removed", id));
    await withBackupPath("remove", path, async () => {
      const entry = await findEntry(path);
      if (entry === null) return;
      await rm(gone, { recursive: true, force: true });
      await rename(path, gone);
      await syncDirectory(this.place);
      await rm(gone, { recursive: true, force: true });
    });
  }

  async sweep(): Promise<number> {
    this.#checkLock();
    return await withBackupPath("remove", this.place, async () => {
      const options = { inUse: this.#inUse, nowMs: this.#options.clock.now() };
      let removed = await removeLeftovers(this.place, options);
      for (const id of await this.listIds()) removed += await removeLeftovers(this.#pathOf(id), options);
      return removed;
    });
  }

  #pathOf(id: string): string {
    checkBackupId(id);
    const { only } = this.#options;
    return join(this.place, only?.id === id ? only.name : id);
  }

  /** A backup is a directory of its own, not a link to one, with a manifest, whatever that is. */
  async #exists(id: string): Promise<boolean> {
    const path = this.#pathOf(id);
    const { only } = this.#options;
    if (only !== undefined && only.id !== id) return false;
    return await withBackupPath("read", path, async () => {
      const directory = await findEntry(path);
      return directory?.isDirectory() === true && await findEntry(join(path, BACKUP_MANIFEST)) !== null;
    });
  }

  async #need(id: string, action: string): Promise<void> {
    if (await this.#exists(id)) return;
    throw new BackupPlaceError(`Cannot ${action} backup "${id}": there is none in ${quoteInput(this.place)}`);
  }

  async #listDirectories(): Promise<readonly string[]> {
    return await withBackupPath("read", this.place, async () => {
      try {
        const entries = await readdir(this.place, { withFileTypes: true });
        return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      } catch (error) {
        if (isMissing(error) && await isNothing(this.place)) return [];
        throw error;
      }
    });
  }

  async #make(): Promise<void> {
    await withBackupPath("write", this.place, () => makeDirectory(this.place, 0o700));
  }

  #checkLock(): void {
    if (!this.#isLocked) throw new TypeError(`Cannot change the backups in "${this.place}": no lock is held`);
  }
}

/** False for a file, and below one. */
async function isNothing(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === "ENOENT";
  }
}

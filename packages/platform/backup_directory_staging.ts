import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type BackupFileWriter,
  BackupPlaceError,
  type BackupStaging,
  type Log,
  quoteInput,
} from "@ipcascade/core";
import {
  createBackupFile,
  findEntry,
  openBackupFile,
  readBackupFile,
  withBackupPath,
} from "./backup_files.ts";
import { BACKUP_MANIFEST, checkMemberFile } from "./backup_names.ts";
import { syncDirectory } from "./durable_files.ts";

/** What a staging is told. */
export interface DirectoryStagingOptions {
  /** Where it is put together; not there yet. */
  readonly path: string;
  /** Where it is going to be. */
  readonly target: string;
  readonly log?: Log;
  /** Throws when the backup may not begin to exist now. */
  readonly checkLock: () => void;
  readonly onEnd: () => void;
}

/** Begins a backup in a directory that nobody lists. */
export async function openDirectoryStaging(
  id: string,
  options: DirectoryStagingOptions,
): Promise<BackupStaging> {
  await withBackupPath("write", options.path, () => mkdir(options.path, { mode: 0o700 }));
  return new DirectoryStaging(id, options);
}

class DirectoryStaging implements BackupStaging {
  readonly id: string;
  readonly #options: DirectoryStagingOptions;
  /** The file that is being written. */
  #writer: BackupFileWriter | null = null;
  #hasEnded = false;

  constructor(id: string, options: DirectoryStagingOptions) {
    this.id = id;
    this.#options = options;
  }

  async openFile(file: string): Promise<BackupFileWriter> {
    this.#checkIdle();
    checkMemberFile(file);
    const writer = await openBackupFile(join(this.#options.path, file));
    this.#writer = {
      write: (chunk) => writer.write(chunk),
      close: async () => {
        this.#writer = null;
        await writer.close();
      },
    };
    return this.#writer;
  }

  async *readFile(file: string): AsyncGenerator<Uint8Array> {
    this.#checkIdle();
    checkMemberFile(file);
    yield* readBackupFile(join(this.#options.path, file), file);
  }

  async commit(manifest: string): Promise<void> {
    this.#checkIdle();
    const { path, target, checkLock } = this.#options;
    checkLock();
    await createBackupFile(join(path, BACKUP_MANIFEST), manifest);
    await withBackupPath("write", target, () => publish(path, target));
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    try {
      await this.#writer?.close().catch(() => {});
      await rm(this.#options.path, { recursive: true, force: true });
    } catch (error) {
      // The failure that led here is what counts; the next sweep finds the rest.
      this.#options.log?.warn("An unfinished backup can't be removed", {
        id: this.id,
        reason: String(error),
      });
    }
    this.#end();
  }

  #checkIdle(): void {
    if (this.#hasEnded) throw new TypeError(`Cannot use the staging of backup "${this.id}": it has ended`);
    if (this.#writer !== null) {
      throw new TypeError(`Cannot use the staging of backup "${this.id}": a file of it is open`);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.#options.onEnd();
  }
}

/** Each step is durable before the next. */
async function publish(path: string, target: string): Promise<void> {
  await syncDirectory(path);
  // An empty directory would be replaced without a word.
  if (await findEntry(target) !== null) {
    throw new BackupPlaceError(
      `Cannot complete the backup ${quoteInput(target)}: there is such a one already`,
    );
  }
  await rename(path, target);
  try {
    await syncDirectory(dirname(target));
  } catch (error) {
    // Not durable, so not complete: back to where disposing finds it.
    await rename(target, path);
    throw error;
  }
}

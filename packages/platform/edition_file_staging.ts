import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  checkEditionFileName,
  type EditionFileWriter,
  type EditionSet,
  type EditionStaging,
  EditionStoreError,
  explainCommitRefusal,
  type Log,
  quoteInput,
} from "@ipcascade/core";
import { createFile, makeDirectory, syncDirectory, writeAll } from "./durable_files.ts";
import {
  type EditionDirectory,
  listNames,
  makeEditionDirectories,
  MANIFEST,
  readBytes,
  withPath,
} from "./edition_directory.ts";

/** What a staging tells the store that it belongs to. */
export interface FileStagingDeps {
  readonly directory: EditionDirectory;
  readonly log?: Log;
  /** Throws when the set may not become complete now. */
  readonly checkLock: () => void;
  readonly onEnd: () => void;
}

/** Begins a set in the staging area; what a killed updater left of one with its id is removed. */
export async function openFileStaging(setId: string, deps: FileStagingDeps): Promise<EditionStaging> {
  const path = join(deps.directory.staging, setId);
  await withPath("write", path, async () => {
    await makeEditionDirectories(deps.directory);
    await rm(path, { recursive: true, force: true });
    await makeDirectory(path);
  });
  return new FileStaging(setId, path, deps);
}

/** A file of the set; `size` is null until it is closed. */
interface StagedFile {
  readonly handle: FileHandle;
  isOpen: boolean;
  size: number | null;
}

class FileStaging implements EditionStaging {
  readonly id: string;
  readonly #path: string;
  readonly #deps: FileStagingDeps;
  readonly #files = new Map<string, StagedFile>();
  #hasEnded = false;

  constructor(id: string, path: string, deps: FileStagingDeps) {
    this.id = id;
    this.#path = path;
    this.#deps = deps;
  }

  async openFile(file: string): Promise<EditionFileWriter> {
    this.#checkOpen();
    checkEditionFileName(file);
    const path = join(this.#path, file);
    await this.#dropFile(file);
    const handle = await withPath("write", path, () => open(path, "wx", 0o644));
    const staged: StagedFile = { handle, isOpen: true, size: null };
    this.#files.set(file, staged);
    return createWriter(path, staged);
  }

  async readFile(file: string): Promise<Uint8Array> {
    this.#checkOpen();
    checkEditionFileName(file);
    if ((this.#files.get(file)?.size ?? null) === null) {
      throw new EditionStoreError(`Cannot read ${quoteInput(file)}: it is not written to its end`);
    }
    return await readBytes(join(this.#path, file));
  }

  async commit(set: EditionSet): Promise<void> {
    this.#checkOpen();
    const sizes = new Map(Array.from(this.#files, ([file, { size }]) => [file, size]));
    const refusal = explainCommitRefusal(set, { id: this.id, sizes });
    if (refusal !== null) throw new EditionStoreError(refusal);
    const files = new Set(set.editions.map(({ file }) => file));
    for (const file of this.#files.keys()) if (!files.has(file)) await this.#dropFile(file);
    this.#deps.checkLock();
    await this.#publish(set);
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    try {
      for (const staged of this.#files.values()) await closeFile(staged);
      await rm(this.#path, { recursive: true, force: true });
    } catch (error) {
      // The failure that led here is what counts; the next sweep finds the rest.
      this.#deps.log?.warn("An unfinished set can't be removed", { set: this.id, reason: String(error) });
    }
    this.#end();
  }

  /** The manifest last, then the whole set under its final name: each step is durable before the next. */
  async #publish(set: EditionSet): Promise<void> {
    const { sets, staging } = this.#deps.directory;
    const manifest = join(this.#path, MANIFEST);
    const target = join(sets, this.id);
    await withPath("write", manifest, async () => {
      await rm(manifest, { force: true });
      await createFile(manifest, `${JSON.stringify(set, null, 2)}\n`);
      await syncDirectory(this.#path);
    });
    await withPath("write", target, async () => {
      await refuseExisting(sets, this.id);
      await rename(this.#path, target);
      try {
        await syncDirectory(sets);
        await syncDirectory(staging);
      } catch (error) {
        // Not durable, so not complete: back to where disposing finds it.
        await rename(target, this.#path);
        throw error;
      }
    });
  }

  async #dropFile(file: string): Promise<void> {
    const staged = this.#files.get(file);
    if (staged === undefined) return;
    await closeFile(staged);
    this.#files.delete(file);
    // A writer that somebody still holds goes on with a file without a name.
    await withPath("write", join(this.#path, file), () => rm(join(this.#path, file), { force: true }));
  }

  #checkOpen(): void {
    if (this.#hasEnded) throw new TypeError(`Cannot use the staging of set "${this.id}": it has ended`);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#deps.onEnd();
  }
}

function createWriter(path: string, staged: StagedFile): EditionFileWriter {
  let written = 0;
  return {
    write: async (chunk) => {
      if (!staged.isOpen) throw new TypeError(`Cannot write "${path}": it is closed`);
      await withPath("write", path, () => writeAll(staged.handle, chunk));
      written += chunk.length;
    },
    close: async () => {
      if (!staged.isOpen) return;
      await withPath("write", path, async () => {
        await staged.handle.sync();
        await closeFile(staged);
      });
      staged.size = written;
    },
  };
}

async function closeFile(staged: StagedFile): Promise<void> {
  if (!staged.isOpen) return;
  staged.isOpen = false;
  await staged.handle.close();
}

async function refuseExisting(sets: string, id: string): Promise<void> {
  if (!(await listNames(sets)).includes(id)) return;
  throw new EditionStoreError(`Cannot complete the set ${quoteInput(id)}: there is such a set already`);
}

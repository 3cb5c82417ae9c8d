import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  checkEditionFileName,
  checkEditionSetId,
  type Clock,
  type EditionLock,
  type EditionSet,
  type EditionStaging,
  type EditionState,
  type EditionStore,
  EditionStoreError,
  findEditionKind,
  type Log,
  type PlainEdition,
  quoteInput,
} from "@ipcascade/core";
import { replaceFile } from "./durable_files.ts";
import {
  destroyDirectory,
  type EditionDirectory,
  layOutEditions,
  listNames,
  makeEditionDirectories,
  readBytes,
  readFileVersion,
  withPath,
} from "./edition_directory.ts";
import { openEditionFileLock } from "./edition_file_lock.ts";
import {
  findCurrentFileSet,
  findFileSet,
  listBrokenSets,
  listFileSets,
  readFileState,
} from "./edition_file_sets.ts";
import { openFileStaging } from "./edition_file_staging.ts";

/** How editions are kept in a directory. */
export interface FileEditionStoreOptions {
  /** Made when something is written. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** A file whose `flock` is taken with the lock, as geoipupdate does. */
  readonly lockFile?: string | null;
  /** Reads editions into memory that threads can share. */
  readonly isShared?: boolean;
}

/** Keeps sets of editions in a directory. Reading writes nothing. */
export function createFileEditionStore(options: FileEditionStoreOptions): EditionStore {
  return new FileEditionStore(options);
}

class FileEditionStore implements EditionStore {
  readonly place: string;
  readonly #options: FileEditionStoreOptions;
  readonly #directory: EditionDirectory;
  /** Ids of sets that this store is putting together. */
  readonly #staged = new Set<string>();
  #isLocked = false;

  constructor(options: FileEditionStoreOptions) {
    this.#options = options;
    this.#directory = layOutEditions(options.dir);
    this.place = options.dir;
  }

  async lock(action: string): Promise<EditionLock> {
    const onRelease = () => void (this.#isLocked = false);
    const lock = await openEditionFileLock(this.#directory, action, { ...this.#options, onRelease });
    this.#isLocked = true;
    return lock;
  }

  readState(): Promise<EditionState> {
    return readFileState(this.#directory, this.#options.log);
  }

  async writeState(state: EditionState): Promise<void> {
    await this.#replace(this.#directory.state, `${JSON.stringify(state, null, 2)}\n`);
  }

  listSets(): Promise<readonly EditionSet[]> {
    return listFileSets(this.#directory);
  }

  readCurrentId(): Promise<string | null> {
    return findCurrentFileSet(this.#directory);
  }

  async readEdition(setId: string, file: string): Promise<Uint8Array> {
    checkEditionSetId(setId);
    checkEditionFileName(file);
    return await readBytes(join(this.#directory.sets, setId, file), this.#options);
  }

  async stage(setId: string): Promise<EditionStaging> {
    this.#checkLock();
    checkEditionSetId(setId);
    if (this.#staged.has(setId) || await findFileSet(this.#directory, setId) !== null) {
      throw new EditionStoreError(`Cannot begin the set ${quoteInput(setId)}: there is such a set already`);
    }
    this.#staged.add(setId);
    const onEnd = () => void this.#staged.delete(setId);
    const checkLock = () => this.#checkLock();
    try {
      return await openFileStaging(setId, {
        directory: this.#directory,
        log: this.#options.log,
        checkLock,
        onEnd,
      });
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  async switchTo(setId: string): Promise<void> {
    this.#checkLock();
    checkEditionSetId(setId);
    if (await findFileSet(this.#directory, setId) === null) {
      throw new EditionStoreError(`Cannot switch to the set ${quoteInput(setId)}: there is no such set`);
    }
    await this.#replace(this.#directory.current, `${setId}\n`);
  }

  async removeSet(setId: string): Promise<void> {
    this.#checkLock();
    checkEditionSetId(setId);
    if (await this.readCurrentId() === setId) {
      throw new EditionStoreError(`Cannot remove the set ${quoteInput(setId)}: it serves`);
    }
    const { sets } = this.#directory;
    if ((await listNames(sets)).includes(setId)) await destroyDirectory(join(sets, setId), this.#directory);
  }

  async sweep(): Promise<number> {
    this.#checkLock();
    const { staging } = this.#directory;
    const unfinished = (await listNames(staging)).filter((name) => !this.#staged.has(name));
    const leftovers = [
      ...unfinished.map((name) => join(staging, name)),
      ...await listBrokenSets(this.#directory),
    ];
    for (const path of leftovers) await withPath("remove", path, () => rm(path, { recursive: true }));
    return leftovers.length;
  }

  async listPlain(): Promise<readonly PlainEdition[]> {
    const { root } = this.#directory;
    const names = await listNames(root);
    const files = names.filter((name) => name.endsWith(".mmdb") && findEditionKind(name) !== null);
    return await Promise.all(files.map(async (file) => {
      const path = join(root, file);
      return { file, version: await readFileVersion(path), read: () => readBytes(path, this.#options) };
    }));
  }

  async #replace(path: string, text: string): Promise<void> {
    await withPath("write", path, async () => {
      await makeEditionDirectories(this.#directory);
      await replaceFile(path, text, this.#directory.staging);
    });
  }

  #checkLock(): void {
    if (this.#isLocked) return;
    throw new TypeError(`Cannot change the editions in "${this.place}": their lock is not held`);
  }
}

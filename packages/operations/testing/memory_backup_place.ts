import {
  BackupDamagedError,
  type BackupFileWriter,
  type BackupPlace,
  type BackupStaging,
  LockHeldError,
  type StoredFile,
} from "@ipcascade/core";

/** A backup in memory. */
export interface MemoryBackup {
  manifest: string;
  mark: string | null;
  readonly files: Map<string, Uint8Array>;
}

/** Backups in memory, which tests may damage. */
export class MemoryBackupPlace implements BackupPlace {
  readonly place = "memory";
  readonly backups = new Map<string, MemoryBackup>();
  /** What was put together and neither committed nor disposed. */
  readonly staged = new Set<string>();
  leftovers = 0;
  /** Called with what is read, written or removed. */
  onUse: (use: string) => void = () => {};
  #owner: string | null = null;

  lock(action: string): Promise<AsyncDisposable> {
    if (this.#owner !== null) {
      return Promise.reject(new LockHeldError(`Cannot ${action}: ${this.#owner} does`));
    }
    this.#owner = action;
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        this.#owner = null;
        return Promise.resolve();
      },
    });
  }

  listIds(): Promise<readonly string[]> {
    return Promise.resolve([...this.backups.keys()].sort().reverse());
  }

  readManifest(id: string): Promise<string | null> {
    return Promise.resolve(this.backups.get(id)?.manifest ?? null);
  }

  listFiles(id: string): Promise<readonly StoredFile[]> {
    const files = [...this.backups.get(id)?.files ?? []];
    return Promise.resolve(files.map(([file, bytes]) => ({ file, size: bytes.length })));
  }

  async *readFile(id: string, file: string): AsyncIterable<Uint8Array> {
    await Promise.resolve();
    this.onUse(`read ${id}/${file}`);
    const bytes = this.backups.get(id)?.files.get(file);
    if (bytes === undefined) throw new BackupDamagedError(`Cannot read ${file}: it is missing`, file);
    for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000);
  }

  stage(id: string): Promise<BackupStaging> {
    this.#needLock();
    this.staged.add(id);
    const files = new Map<string, Uint8Array>();
    return Promise.resolve({
      id,
      openFile: (file) => Promise.resolve(this.#openFile(files, file)),
      readFile: async function* (file) {
        await Promise.resolve();
        yield files.get(file)!;
      },
      commit: (manifest) => {
        this.backups.set(id, { manifest, mark: null, files });
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => {
        this.staged.delete(id);
        return Promise.resolve();
      },
    });
  }

  readMark(id: string): Promise<string | null> {
    return Promise.resolve(this.backups.get(id)?.mark ?? null);
  }

  writeMark(id: string, text: string): Promise<void> {
    this.onUse(`mark ${id}`);
    this.backups.get(id)!.mark = text;
    return Promise.resolve();
  }

  rewrite(id: string, manifest: string, removed: readonly string[]): Promise<void> {
    this.#needLock();
    this.onUse(`rewrite ${id}`);
    const backup = this.backups.get(id)!;
    backup.manifest = manifest;
    for (const file of removed) backup.files.delete(file);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.#needLock();
    this.onUse(`remove ${id}`);
    this.backups.delete(id);
    return Promise.resolve();
  }

  sweep(): Promise<number> {
    this.#needLock();
    const { leftovers } = this;
    this.leftovers = 0;
    return Promise.resolve(leftovers);
  }

  #needLock(): void {
    if (this.#owner === null) throw new Error("Cannot change backups: the lock is not held");
  }

  #openFile(files: Map<string, Uint8Array>, file: string): BackupFileWriter {
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk) => {
        chunks.push(chunk.slice());
        return Promise.resolve();
      },
      close: async () => {
        files.set(file, new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()));
      },
    };
  }
}

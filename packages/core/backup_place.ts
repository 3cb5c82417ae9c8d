/** Takes the bytes of one file of a backup that is being written. */
export interface BackupFileWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Makes sure that everything would survive a loss of power. */
  close(): Promise<void>;
}

/** A backup that is being put together: nobody lists it, and nothing of it is left when it is disposed uncommitted. */
export interface BackupStaging extends AsyncDisposable {
  readonly id: string;
  /** Starts a file of the backup. One at a time. */
  openFile(file: string): Promise<BackupFileWriter>;
  /** Reads a file that was closed. */
  readFile(file: string): AsyncIterable<Uint8Array>;
  /** Writes the manifest and makes the backup exist, in one atomic step and for good. */
  commit(manifest: string): Promise<void>;
}

/** A file that lies in a backup, besides its manifest and its mark. */
export interface StoredFile {
  readonly file: string;
  /** Size in bytes. */
  readonly size: number;
}

/**
 * Where backups are kept: a directory, or a bucket. Names of files are lower-case letters, digits, `.`, `_` and `-`.
 * Every method throws `BackupPlaceError` when the place fails. Every read is bounded by what the caller consumes.
 */
export interface BackupPlace {
  /** The place for people, without secrets: a directory, or `s3://bucket/prefix`. */
  readonly place: string;
  /**
   * Takes the lock of all that adds or removes backups here. Throws `LockHeldError` naming the owner. Who makes room goes
   * on without the lock where the place is too full for one and nobody else is seen to hold it; the log tells of it.
   */
  lock(action: string, options?: { readonly isMakingRoom?: boolean }): Promise<AsyncDisposable>;
  /** Ids of what has a manifest, readable or not, newest first. */
  listIds(): Promise<readonly string[]>;
  /** Text of a manifest, of 16 MiB at most; null when there is no such backup. */
  readManifest(id: string): Promise<string | null>;
  /** What lies in a backup, by name. */
  listFiles(id: string): Promise<readonly StoredFile[]>;
  /** One file. Throws `BackupDamagedError` when it is missing. */
  readFile(id: string, file: string): AsyncIterable<Uint8Array>;
  /** Begins a backup. Needs the lock. */
  stage(id: string): Promise<BackupStaging>;
  /** Text of the mark, or of what was found instead; null without either. */
  readMark(id: string): Promise<string | null>;
  /** Replaces the mark in one atomic step. Works on backups of others too, where they can be written to. */
  writeMark(id: string, text: string): Promise<void>;
  /** Replaces the manifest in one atomic step, then removes the files that it leaves out. Needs the lock. */
  rewrite(id: string, manifest: string, removed: readonly string[]): Promise<void>;
  /** Destroys a backup: its manifest first, so that no half is ever listed. Needs the lock. */
  remove(id: string): Promise<void>;
  /** Removes what killed backups left behind, and gives the number of leftovers. Needs the lock. */
  sweep(): Promise<number>;
}

import { Buffer } from "node:buffer";
import { type BackupFileWriter, BackupPlaceError, type BackupStaging, type Log } from "@ipcascade/core";
import { BACKUP_MANIFEST, checkMemberFile } from "./backup_names.ts";
import { PART_SIZE, type S3Objects } from "./backup_s3_objects.ts";
import { S3Writer } from "./backup_s3_writer.ts";

/** What a staging is told. */
export interface S3StagingOptions {
  readonly objects: S3Objects;
  readonly log?: Log;
  /** Throws when the backup may not begin to exist now. */
  readonly checkLock: () => void;
  readonly onEnd: () => void;
}

/** A backup whose files lie in their place already: without its manifest it does not exist. */
export class S3Staging implements BackupStaging {
  readonly id: string;
  readonly #options: S3StagingOptions;
  readonly #written = new Set<string>();
  /** For one part; the files of a backup use it one after the other. */
  readonly #part = Buffer.allocUnsafeSlow(PART_SIZE);
  #writer: S3Writer | null = null;
  #hasEnded = false;
  /** True once a manifest was sent: it may be there, whatever came back. */
  #mayExist = false;

  constructor(id: string, options: S3StagingOptions) {
    this.id = id;
    this.#options = options;
  }

  openFile(file: string): Promise<BackupFileWriter> {
    return Promise.resolve().then(() => {
      this.#checkIdle();
      checkMemberFile(file);
      if (this.#written.has(file)) {
        throw new BackupPlaceError(`Cannot write "${file}": it is written already`);
      }
      this.#written.add(file);
      const writer = new S3Writer(`${this.id}/${file}`, this.#options.objects, this.#part);
      this.#writer = writer;
      return {
        write: (chunk: Uint8Array) => writer.write(chunk),
        close: async () => {
          if (writer.hasEnded) return;
          await writer.close();
          this.#writer = null;
        },
      };
    });
  }

  async *readFile(file: string): AsyncGenerator<Uint8Array> {
    this.#checkIdle();
    checkMemberFile(file);
    yield* this.#options.objects.read(`${this.id}/${file}`, file);
  }

  async commit(manifest: string): Promise<void> {
    this.#checkIdle();
    this.#options.checkLock();
    this.#mayExist = true;
    await this.#options.objects.put(`${this.id}/${BACKUP_MANIFEST}`, Buffer.from(manifest));
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    await this.#tidy(() => this.#writer?.abort() ?? Promise.resolve());
    // Files go once their manifest is gone: a backup is there as a whole, or not at all.
    const isGone = !this.#mayExist ||
      await this.#tidy(() => this.#options.objects.remove(`${this.id}/${BACKUP_MANIFEST}`));
    for (const file of isGone ? this.#written : []) {
      await this.#tidy(() => this.#options.objects.remove(`${this.id}/${file}`));
    }
    this.#end();
  }

  /** The failure that led here is what counts; a later sweep finds the rest. */
  async #tidy(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log?.warn("An unfinished backup can't be removed", { id: this.id, reason });
      return false;
    }
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

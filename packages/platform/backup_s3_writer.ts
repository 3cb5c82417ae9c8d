import type { BackupFileWriter } from "@ipcascade/core";
import type { S3Objects } from "./backup_s3_objects.ts";

/** Writes one file: at once when it fits into a part, else in parts. Holds one part. */
export class S3Writer implements BackupFileWriter {
  readonly #key: string;
  readonly #objects: S3Objects;
  /** Borrowed: nobody else uses it before this has ended. */
  readonly #part: Uint8Array;
  readonly #etags: string[] = [];
  #filled = 0;
  #size = 0;
  #uploadId: string | null = null;
  #hasEnded = false;

  constructor(key: string, objects: S3Objects, part: Uint8Array) {
    this.#key = key;
    this.#objects = objects;
    this.#part = part;
  }

  /** True when it was closed or aborted. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#hasEnded) throw new TypeError(`Cannot write "${this.#key}": it is closed`);
    for (let start = 0; start < chunk.length;) {
      if (this.#filled === this.#part.length) await this.#send();
      const piece = chunk.subarray(start, start + this.#part.length - this.#filled);
      this.#part.set(piece, this.#filled);
      this.#filled += piece.length;
      start += piece.length;
    }
    this.#size += chunk.length;
  }

  async close(): Promise<void> {
    if (this.#hasEnded) return;
    if (this.#uploadId === null) {
      await this.#objects.put(this.#key, this.#part.subarray(0, this.#filled));
    } else {
      await this.#send();
      const upload = { key: this.#key, uploadId: this.#uploadId };
      await this.#objects.completeUpload(upload, this.#etags, this.#size);
    }
    this.#hasEnded = true;
  }

  /** Gives up what was begun. */
  async abort(): Promise<void> {
    this.#hasEnded = true;
    if (this.#uploadId === null) return;
    await this.#objects.abortUpload({ key: this.#key, uploadId: this.#uploadId });
  }

  async #send(): Promise<void> {
    this.#uploadId ??= await this.#objects.beginUpload(this.#key);
    const upload = { key: this.#key, uploadId: this.#uploadId };
    const body = this.#part.subarray(0, this.#filled);
    this.#etags.push(await this.#objects.putPart(upload, this.#etags.length + 1, body));
    this.#filled = 0;
  }
}

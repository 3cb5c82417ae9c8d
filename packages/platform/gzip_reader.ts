import { createGunzip, type Gunzip } from "node:zlib";

/** Compressed bytes given to zlib at a time: at most 16 MiB come out of it (deflate packs 1032 to 1). */
export const STEP_SIZE = 16 * 1024;
/** Largest piece that comes out, where nobody says otherwise. */
const OUTPUT_SIZE = 64 * 1024;

/** How gzip data is read. */
export interface GzipReaderOptions {
  /** Largest piece that comes out, in bytes. */
  readonly outputSize?: number;
  /** Refuses zeros behind the last member, as tapes have them. */
  readonly refusesPadding?: boolean;
}

/** Thrown at gzip data that is damaged or cut; the message says which. */
export class GzipDamagedError extends Error {
  /** Tells it apart in logs. */
  override readonly name = "GzipDamagedError";
}

/** Feeds zlib step by step and takes all output of a step before the next: an error can't discard that of others. */
export class GzipReader {
  readonly #gunzip: Gunzip;
  readonly #refusesPadding: boolean;
  #unpacked: Uint8Array[] = [];
  #error: Error | null = null;
  /** Zeros behind the last member end the data for zlib; it takes nothing any more then. */
  #isEnded = false;
  /** Bytes so far. */
  #given = 0;
  #onSettled: () => void = () => {};

  /** Opens zlib; close it. */
  constructor({ outputSize = OUTPUT_SIZE, refusesPadding = false }: GzipReaderOptions = {}) {
    this.#gunzip = createGunzip({ chunkSize: outputSize });
    this.#refusesPadding = refusesPadding;
    this.#gunzip.on("data", (bytes: Uint8Array) => this.#unpacked.push(bytes));
    this.#gunzip.on("end", () => {
      this.#isEnded = true;
      this.#onSettled();
    });
    this.#gunzip.on("error", (error: Error) => {
      this.#error = error;
      this.#onSettled();
    });
  }

  /** Compressed bytes taken so far; damage is in the last step of them. */
  get given(): number {
    return this.#given;
  }

  /** Unpacks the next bytes. */
  async *unpack(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < bytes.length; start += STEP_SIZE) {
      const step = bytes.subarray(start, start + STEP_SIZE);
      this.#given += step.length;
      if (!this.#isEnded) await this.#settle((settled) => this.#gunzip.write(step, settled));
      yield* this.#takeUnpacked();
      if (this.#isEnded) this.#refuseAppendix(step);
    }
  }

  /** Gives what is left, and throws when the data is not complete. */
  async *finish(): AsyncGenerator<Uint8Array> {
    if (!this.#isEnded) await this.#settle(() => this.#gunzip.end());
    yield* this.#takeUnpacked();
  }

  /** Frees zlib. */
  close(): void {
    this.#gunzip.destroy();
  }

  /** zlib takes the zero behind the last member for the end, and does not look at what follows. */
  #refuseAppendix(step: Uint8Array): void {
    const unread = Math.min(step.length, this.#given - this.#gunzip.bytesWritten);
    const rest = step.subarray(step.length - unread);
    if (this.#refusesPadding ? rest.length === 0 : rest.every((byte) => byte === 0)) return;
    throw new GzipDamagedError("other bytes follow the gzip data");
  }

  #settle(start: (settled: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve;
      start(resolve);
    });
  }

  *#takeUnpacked(): Generator<Uint8Array> {
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    yield* unpacked;
    if (this.#error === null) return;
    const isCut = "code" in this.#error && this.#error.code === "Z_BUF_ERROR";
    throw new GzipDamagedError(
      isCut ? "the gzip data breaks off" : `the gzip data is damaged (${this.#error.message})`,
    );
  }
}

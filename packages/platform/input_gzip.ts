import { createGunzip, type Gunzip } from "node:zlib";
import { quoteInput } from "@ipcascade/core";
import { InputUnreadableError } from "./input_unreadable_error.ts";

/** Compressed bytes given to zlib at a time: at most 16 MiB come out of it (deflate packs 1032 to 1). */
const STEP_SIZE = 16 * 1024;

/**
 * Unpacks gzip (of one member or several) when the bytes begin with its magic number, and passes other bytes
 * through. What was unpacked before the data broke off or went bad is delivered before `InputUnreadableError` is
 * thrown.
 */
export async function* unpackGzip(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | null = new Uint8Array(0);
  let gunzip: GzipReader | null = null;
  try {
    for await (const chunk of chunks) {
      let bytes = chunk;
      if (head !== null) {
        bytes = head.length === 0 ? chunk : concat(head, chunk);
        head = bytes.length < 2 ? bytes : null;
        if (head !== null) continue;
        if (isGzip(bytes)) gunzip = new GzipReader(name);
      }
      if (gunzip === null) yield bytes;
      else yield* gunzip.unpack(bytes);
    }
    if (head !== null && head.length > 0) yield head;
    if (gunzip !== null) yield* gunzip.finish();
  } finally {
    gunzip?.close();
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** Feeds zlib step by step and takes all output of a step before the next: an error can't discard any. */
class GzipReader {
  readonly #gunzip: Gunzip = createGunzip();
  readonly #name: string;
  #unpacked: Uint8Array[] = [];
  #error: Error | null = null;
  #onSettled: () => void = () => {};

  constructor(name: string) {
    this.#name = name;
    this.#gunzip.on("data", (bytes: Uint8Array) => this.#unpacked.push(bytes));
    this.#gunzip.on("end", () => this.#onSettled());
    this.#gunzip.on("error", (error: Error) => {
      this.#error = error;
      this.#onSettled();
    });
  }

  async *unpack(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < bytes.length; start += STEP_SIZE) {
      const step = bytes.subarray(start, start + STEP_SIZE);
      await this.#settle((settled) => this.#gunzip.write(step, settled));
      yield* this.#takeUnpacked();
    }
  }

  async *finish(): AsyncGenerator<Uint8Array> {
    await this.#settle(() => this.#gunzip.end());
    yield* this.#takeUnpacked();
  }

  close(): void {
    this.#gunzip.destroy();
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
    const state = isCut ? "the gzip data breaks off" : `the gzip data is damaged (${this.#error.message})`;
    throw new InputUnreadableError(`Cannot read ${quoteInput(this.#name)} to its end: ${state}`);
  }
}

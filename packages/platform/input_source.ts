import { createReadStream, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import process from "node:process";
import type { Readable } from "node:stream";
import { quoteInput } from "@ipcascade/core";
import { describeSystemError, InputUnreadableError } from "./input_unreadable_error.ts";
import { readFileAhead } from "./read_file_ahead.ts";

/** Somewhere that bytes come from. */
export interface InputSource {
  /** For messages: the path as it was given, or `standard input`. */
  readonly name: string;
  /**
   * Reads the bytes in order, once. An aborted `stop` ends the reading without an error, also while nothing comes.
   * Throws `InputUnreadableError`.
   */
  open(stop?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Like `open`, and faster: bytes are the caller's only until it asks for more. */
  openReused?(stop?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Large reads: four times 64 KiB doubled the rate on every runtime, more did not help. */
const READ_SIZE = 256 * 1024;

/** A file, or whatever else a path opens (a named pipe, `/dev/fd/63`); directories are refused. */
export function fileSource(path: string): InputSource {
  return {
    name: path,
    open: (stop) => readFile(path, stop),
    openReused: (stop) => readReused(path, stop),
  };
}

/** The standard input. */
export function stdinSource(): InputSource {
  const name = "standard input";
  return { name, open: (stop) => readStream(process.stdin, name, stop) };
}

async function* readFile(path: string, stop: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  await statFile(path);
  yield* readStream(createReadStream(path, { highWaterMark: READ_SIZE }), path, stop);
}

async function* readReused(path: string, stop: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  // Where nothing may come for long, as in a pipe, a read can't be stopped; a stream can.
  if (!(await statFile(path)).isFile()) return yield* readFile(path, stop);
  try {
    yield* readFileAhead(path, stop);
  } catch (error) {
    throw new InputUnreadableError(unreadable(path, describeSystemError(error)));
  }
}

async function statFile(path: string): Promise<Stats> {
  const stats = await stat(path).catch((error: unknown) => {
    throw new InputUnreadableError(unreadable(path, describeSystemError(error)));
  });
  if (stats.isDirectory()) throw new InputUnreadableError(unreadable(path, "it is a directory"));
  return stats;
}

async function* readStream(
  stream: Readable,
  name: string,
  stop: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const tap = new StreamTap(stream, stop);
  try {
    for (let bytes = await tap.next(); bytes !== null; bytes = await tap.next()) yield bytes;
  } catch (error) {
    throw new InputUnreadableError(unreadable(name, describeSystemError(error)));
  } finally {
    tap.close();
  }
}

/**
 * Takes a stream's chunks one by one. The stream's own iterator would do, but leaves a read of standard input
 * pending on Deno: the process could not end before the pipe does.
 */
class StreamTap {
  readonly #stream: Readable;
  readonly #stop: AbortSignal | undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #onStop = () => this.#settle();
  #isEnded = false;
  #error: Error | null = null;
  #wake: () => void = () => {};

  constructor(stream: Readable, stop: AbortSignal | undefined) {
    this.#stream = stream;
    this.#stop = stop;
    stream.pause();
    stream.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      stream.pause();
      this.#wake();
    });
    stream.on("end", () => this.#settle());
    stream.on("close", () => this.#settle());
    stream.on("error", (error: Error) => this.#settle(error));
    stop?.addEventListener("abort", this.#onStop, { once: true });
  }

  /** The next chunk; null at the end, or when the signal aborted. */
  async next(): Promise<Uint8Array | null> {
    while (!this.#stop?.aborted) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#error !== null) throw this.#error;
      if (this.#isEnded || this.#stream.readableEnded) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.resume();
      });
    }
    return null;
  }

  close(): void {
    this.#stop?.removeEventListener("abort", this.#onStop);
    this.#stream.pause();
    this.#stream.destroy();
  }

  #settle(error: Error | null = null): void {
    this.#isEnded = true;
    this.#error ??= error;
    this.#wake();
  }
}

function unreadable(name: string, state: string): string {
  return `Cannot read ${quoteInput(name)}: ${state}`;
}

import process from "node:process";
import { EnrichmentError } from "@ipcascade/core";
import { openThreadTarget } from "./thread_output.ts";

/** Thrown when output can't be written: a full disk, say. A reader that left is no error. */
export class OutputFailedError extends EnrichmentError {
  /** Stable identifier. */
  override readonly code = "OUTPUT_FAILED";
}

/** The part of a writable stream that output needs; `process.stdout` is one. */
export interface OutputTarget {
  /** Calls back when the text or the bytes are with the system, or with what prevented it. */
  write(data: string | Uint8Array, done: (error?: Error | null) => void): unknown;
  /** Tells of errors outside a write. */
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Options of an output. */
export interface OutputOptions {
  /** Characters gathered before they are written. */
  readonly bufferSize?: number;
  /** Told once when the reader left (`| head`); what is written from then on is dropped. */
  readonly onGone?: () => void;
}

/** One pipe's worth. */
const BUFFER_SIZE = 64 * 1024;

const NOTHING = Promise.resolve();

/** Gathers text into large writes and waits until each is out, so that a slow reader slows the work down. */
export class OutputStream {
  readonly #target: OutputTarget;
  readonly #bufferSize: number;
  readonly #onGone: () => void;
  #gathered = "";
  #writing: Promise<void> = NOTHING;
  #isGone = false;
  #error: OutputFailedError | null = null;

  /** Listens to the target's errors from now on. */
  constructor(target: OutputTarget, options: OutputOptions = {}) {
    this.#target = target;
    this.#bufferSize = options.bufferSize ?? BUFFER_SIZE;
    this.#onGone = options.onGone ?? (() => {});
    target.on("error", (error) => this.#fail(error));
  }

  /** True when the reader left: there is no use in more output. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Takes text; resolves when there is room for more. Throws `OutputFailedError`. */
  write(text: string): Promise<void> {
    if (this.#isGone) return NOTHING;
    this.#gathered += text;
    return this.#gathered.length < this.#bufferSize ? NOTHING : this.flush();
  }

  /** Writes bytes after the text before them; resolves when they may be written over. Throws `OutputFailedError`. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.flush();
    if (bytes.length === 0 || this.#isGone) return;
    this.#writing = this.#writing.then(() => this.#send(bytes));
    await this.flush();
  }

  /** Resolves when everything is with the system. Throws `OutputFailedError`. */
  async flush(): Promise<void> {
    const text = this.#gathered;
    this.#gathered = "";
    if (text !== "") this.#writing = this.#writing.then(() => this.#send(text));
    await this.#writing;
    if (this.#error !== null) throw this.#error;
  }

  #send(data: string | Uint8Array): Promise<void> {
    if (this.#isGone || this.#error !== null) return NOTHING;
    return new Promise((resolve) => {
      const done = (error?: Error | null) => {
        if (error) this.#fail(error);
        resolve();
      };
      try {
        this.#target.write(data, done);
      } catch (error) {
        // Deno writes to files at once, and throws at once.
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #fail(error: Error): void {
    if (this.#isGone || this.#error !== null) return;
    if ("code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED")) {
      this.#isGone = true;
      this.#gathered = "";
      this.#onGone();
      return;
    }
    this.#error = new OutputFailedError(`Cannot write the output: ${describeWriteError(error)}`, {
      cause: error,
    });
  }
}

function describeWriteError(error: Error): string {
  const isFull = "code" in error && error.code === "ENOSPC";
  return isFull ? "no space left on device" : error.message;
}

/** The standard output. Create one of it in a process. */
export function createOutputStream(options: OutputOptions = {}): OutputStream {
  return new OutputStream(openThreadTarget("stdout") ?? process.stdout, options);
}

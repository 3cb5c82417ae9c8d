import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import type { OutputTarget } from "./output_stream.ts";

/** What writes outside the event loop; `Deno.stdout` is one. Gives the number of bytes that it wrote. */
export interface ThreadWriter {
  write(bytes: Uint8Array): Promise<number>;
}

interface WritingRuntime {
  readonly Deno?: { readonly stdout: ThreadWriter; readonly stderr: ThreadWriter };
}

const encoder = new TextEncoder();

/**
 * Writes where the event loop goes on meanwhile: a pipe that nobody reads from holds a thread, and signals and timers
 * are heard. The open file stays blocking, as it may be shared with a shell.
 */
export class ThreadTarget implements OutputTarget {
  readonly #writer: ThreadWriter;

  /** Writes nothing yet. */
  constructor(writer: ThreadWriter) {
    this.#writer = writer;
  }

  /**
   * Writes all of it; the writes before must be done. An error is final, also that a pipe which somebody made
   * non-blocking is full: Deno does not say how much of the bytes it has kept for later then.
   */
  write(data: string | Uint8Array, done: (error?: Error | null) => void): void {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    this.#writeAll(bytes).then(() => done(), done);
  }

  /** Errors are told by writes alone. */
  on(): void {}

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#writer.write(bytes.subarray(at));
  }
}

/** Numbers of the streams in every process. */
const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/**
 * A target for a standard stream where the runtime would write to it within the event loop and might be held up: on
 * Deno, a pipe, a socket or a terminal. Null elsewhere; files don't wait for a reader, and are written to faster.
 */
export function openThreadTarget(name: keyof typeof DESCRIPTORS): ThreadTarget | null {
  const { Deno: runtime } = globalThis as unknown as WritingRuntime;
  return runtime !== undefined && mayWait(DESCRIPTORS[name]) ? new ThreadTarget(runtime[name]) : null;
}

function mayWait(fd: number): boolean {
  if (isatty(fd)) return true;
  try {
    const kind = fstatSync(fd);
    return kind.isFIFO() || kind.isSocket();
  } catch {
    return false;
  }
}

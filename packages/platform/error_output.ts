import process from "node:process";
import type { OutputTarget } from "./output_stream.ts";
import { openThreadTarget } from "./thread_output.ts";

/** Where error texts go; `process.stderr` is one. */
export interface ErrorTarget {
  /** Writes at once, however long that takes. */
  write(text: string): unknown;
}

/**
 * The standard error. A text is written at once, unless one is under way that must not hold the process up: then it
 * waits its turn.
 */
export class ErrorOutput {
  readonly #target: ErrorTarget;
  readonly #thread: Pick<OutputTarget, "write"> | null;
  #waiting = "";
  #writing: Promise<void> | null = null;

  /** Without a `thread` to write from all is written at once. */
  constructor(target: ErrorTarget, thread: Pick<OutputTarget, "write"> | null) {
    this.#target = target;
    this.#thread = thread;
  }

  /** Writes a text. */
  write(text: string): void {
    if (this.#writing === null) this.#target.write(text);
    else this.#waiting += text;
  }

  /** Writes a text without waiting for whoever reads it, as where nobody may be there. */
  writeAside(text: string): void {
    if (this.#thread === null) return this.write(text);
    this.#waiting += text;
    this.#writing ??= this.#drain(this.#thread);
  }

  /** Resolves when everything is with the system, or nobody reads it any more. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(thread: Pick<OutputTarget, "write">): Promise<void> {
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      await new Promise<void>((resolve) => thread.write(text, () => resolve()));
    }
    this.#writing = null;
  }
}

/** The standard error of this process. Create one in a process. */
export function openErrorOutput(): ErrorOutput {
  return new ErrorOutput({ write: (text) => process.stderr.write(text) }, openThreadTarget("stderr"));
}

import { type BulkChunk, MAX_LINE_BYTES } from "@ipcascade/operations";
import { OpenLine } from "./open_line.ts";

const LF = 10;

/**
 * Cuts the bytes of a log at line ends; every byte goes through. What is longer than a line may be is cut anywhere and
 * marked as raw.
 */
export class LogCutter {
  readonly #name: string;
  readonly #open = new OpenLine();
  /** True within a line that is too long. */
  #isRaw = false;

  /** `name` is the input's. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Takes the next bytes, of which it makes copies; gives the lines that they complete. */
  *push(bytes: Uint8Array): Generator<BulkChunk> {
    let rest = bytes;
    if (this.#isRaw) {
      const end = rest.indexOf(LF) + 1;
      if (end === 0) return yield this.#chunk(rest.slice(), true);
      yield this.#chunk(rest.slice(0, end), true);
      this.#isRaw = false;
      rest = rest.subarray(end);
    }
    const end = rest.lastIndexOf(LF) + 1;
    if (end > 0) yield this.#chunk(this.#open.take(rest.subarray(0, end)), false);
    this.#open.keep(rest.subarray(end));
    if (this.#open.length <= MAX_LINE_BYTES) return;
    this.#isRaw = true;
    yield this.#chunk(this.#open.take(), true);
  }

  /** Gives the last line when no line feed ended it. */
  *end(): Generator<BulkChunk> {
    if (this.#open.length > 0) yield this.#chunk(this.#open.take(), false);
  }

  #chunk(bytes: Uint8Array, isRaw: boolean): BulkChunk {
    return { kind: "lines", name: this.#name, firstLine: 1, bytes, isRaw };
  }
}

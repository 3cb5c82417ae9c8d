import { type BulkChunk, MAX_LINE_BYTES } from "@ipcascade/operations";

const LF = 10;

/**
 * Cuts the bytes of a log at line ends; every byte goes through. What is longer than a line may be is cut anywhere and
 * marked as raw.
 */
export class LogCutter {
  readonly #name: string;
  /** The open line. */
  #carried: Uint8Array[] = [];
  #carriedBytes = 0;
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
    if (end > 0) yield this.#chunk(this.#join(rest.subarray(0, end)), false);
    this.#carry(rest.subarray(end));
    if (this.#carriedBytes <= MAX_LINE_BYTES) return;
    this.#isRaw = true;
    yield this.#chunk(this.#join(new Uint8Array(0)), true);
  }

  /** Gives the last line when no line feed ended it. */
  *end(): Generator<BulkChunk> {
    if (this.#carriedBytes > 0) yield this.#chunk(this.#join(new Uint8Array(0)), false);
  }

  #chunk(bytes: Uint8Array, isRaw: boolean): BulkChunk {
    return { kind: "lines", name: this.#name, firstLine: 1, bytes, isRaw };
  }

  #carry(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#carried.push(bytes.slice());
    this.#carriedBytes += bytes.length;
  }

  /** What was carried and `bytes`, in memory of their own. */
  #join(bytes: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.#carriedBytes + bytes.length);
    let at = 0;
    for (const part of [...this.#carried, bytes]) {
      joined.set(part, at);
      at += part.length;
    }
    this.#carried = [];
    this.#carriedBytes = 0;
    return joined;
  }
}

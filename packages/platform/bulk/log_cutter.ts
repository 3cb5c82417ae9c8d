import { type BulkChunk, MAX_LINE_BYTES, type RawBytes } from "@ipcascade/operations/offline";
import { OpenLine } from "./open_line.ts";

/** Bytes of lines in a chunk. Each chunk ends with a write and a turn of the process, which a smaller one feels. */
const CHUNK_BYTES = 1024 * 1024;

/** The same where a line was left open, which has to be copied together with the others. */
const JOINED_BYTES = 64 * 1024;

const LF = 10;

/**
 * Cuts the bytes of a log at line ends; every byte goes through. What is longer than a line may be is cut anywhere and
 * marked as raw, where it is more than fits into a chunk: whoever reads lines looks how long they are. The bytes of a chunk are the reader's, or written over with the next one: they are the caller's until
 * it asks for more.
 */
export class LogCutter {
  readonly #name: string;
  readonly #open = new OpenLine();
  /** Where a line that was left open is joined with what follows, again and again. */
  #room = new Uint8Array(0);
  /** True within a line that is too long. */
  #isRaw = false;
  /** True while the bytes so far do not end with a line feed. */
  #isOpen = false;

  /** `name` is the input's. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Tells whether the bytes so far end within a line. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Gives the line feed that a log lacks at its end, where another one follows. */
  lineFeed(): BulkChunk {
    return this.#chunk(Uint8Array.of(LF), "rest");
  }

  /** Takes the next bytes; gives the lines that they complete. */
  *push(bytes: Uint8Array): Generator<BulkChunk> {
    if (bytes.length > 0) this.#isOpen = bytes[bytes.length - 1] !== LF;
    for (let rest = bytes; rest.length > 0;) {
      const isRaw = this.#isRaw;
      const most = this.#open.length > 0 ? JOINED_BYTES : CHUNK_BYTES;
      const end = (isRaw ? rest.indexOf(LF) : rest.subarray(0, most).lastIndexOf(LF)) + 1;
      const taken = rest.subarray(0, end > 0 ? end : isRaw ? rest.length : most);
      rest = rest.subarray(taken.length);
      this.#isRaw = isRaw && end === 0;
      if (isRaw) yield this.#chunk(taken, "rest");
      else if (end > 0) yield this.#chunk(this.#join(taken));
      else yield* this.#keep(taken);
    }
  }

  /** Gives the last line when no line feed ended it. */
  *end(): Generator<BulkChunk> {
    if (this.#open.length > 0) yield this.#chunk(this.#open.take());
  }

  *#keep(bytes: Uint8Array): Generator<BulkChunk> {
    this.#open.keep(bytes);
    if (this.#open.length <= MAX_LINE_BYTES) return;
    this.#isRaw = true;
    yield this.#chunk(this.#open.take(), "long");
  }

  /** Puts what was left open before some bytes. */
  #join(bytes: Uint8Array): Uint8Array {
    if (this.#open.length === 0) return bytes;
    const open = this.#open.take();
    const length = open.length + bytes.length;
    if (this.#room.length < length) this.#room = new Uint8Array(length + JOINED_BYTES);
    this.#room.set(open);
    this.#room.set(bytes, open.length);
    return this.#room.subarray(0, length);
  }

  #chunk(bytes: Uint8Array, raw: RawBytes | null = null): BulkChunk {
    return { kind: "lines", name: this.#name, firstLine: 1, bytes, raw };
  }
}

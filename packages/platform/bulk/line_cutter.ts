import { type BulkChunk, isSilentLine, MAX_LINE_BYTES } from "@ipcascade/operations/offline";
import { problemItem } from "../input_item.ts";
import { LINE_TOO_LONG } from "../input_lines.ts";
import { OpenLine } from "./open_line.ts";

/** How much of a line that is too long is kept, to show it. */
const HEAD_BYTES = 80;

const LF = 10;

/** Cuts the bytes of an input at line ends. Memory is bounded by the longest line allowed. */
export class LineCutter {
  readonly #name: string;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #line = 1;
  /** The whole line so far, or only its beginning once it is too long. */
  readonly #open = new OpenLine();
  #isTooLong = false;

  /** `name` is the input's, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Number of the line after the last one given out. */
  get line(): number {
    return this.#line;
  }

  /** Takes the next bytes; gives the lines that they complete. The bytes given out are the caller's. */
  *push(bytes: Uint8Array): Generator<BulkChunk> {
    let rest = bytes;
    const first = rest.indexOf(LF);
    if (first < 0) return this.#carry(rest);
    if (this.#isTooLong || this.#open.length + first > MAX_LINE_BYTES) {
      this.#carry(rest.subarray(0, first));
      yield* this.#finishLong();
      rest = rest.subarray(first + 1);
    }
    const end = rest.lastIndexOf(LF) + 1;
    if (end > 0) yield this.#cut(rest.subarray(0, end));
    this.#carry(rest.subarray(end));
  }

  /** Gives the last line when no line feed ended it. */
  *end(): Generator<BulkChunk> {
    if (this.#isTooLong) yield* this.#finishLong();
    else if (this.#open.length > 0) {
      yield this.#cut(new Uint8Array(0));
      this.#line++;
    }
  }

  #cut(bytes: Uint8Array): BulkChunk {
    const firstLine = this.#line;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === LF) this.#line++;
    return { kind: "lines", name: this.#name, firstLine, bytes: this.#open.take(bytes) };
  }

  #carry(bytes: Uint8Array): void {
    if (this.#isTooLong) return;
    if (this.#open.length + bytes.length <= MAX_LINE_BYTES) return this.#open.keep(bytes);
    this.#isTooLong = true;
    this.#open.keep(this.#open.take(bytes.subarray(0, HEAD_BYTES)).subarray(0, HEAD_BYTES));
  }

  *#finishLong(): Generator<BulkChunk> {
    const head = this.#decoder.decode(this.#open.take());
    this.#isTooLong = false;
    // Cutting may have halved the last character.
    const text = `${head.replace(/\uFFFD$/, "")}…`.trim();
    const origin = { name: this.#name, line: this.#line++ };
    if (!isSilentLine(text)) yield { kind: "items", items: [problemItem(text, origin, LINE_TOO_LONG)] };
  }
}

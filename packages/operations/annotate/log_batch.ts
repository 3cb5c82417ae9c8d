import { AddressFinder, ipv6FromGroups } from "@ipcascade/core";
import { AddressColumns, BATCH_LINES } from "../bulk/address_columns.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/** Lines of a log in columns, each with the first address in it. */
export class LogBatch extends AddressColumns {
  /** Where a line starts, where something may be added to it, and where the next one starts. */
  readonly starts = new Int32Array(BATCH_LINES);
  readonly ends = new Int32Array(BATCH_LINES);
  readonly nexts = new Int32Array(BATCH_LINES);
  /** 1 where the line is a JSON object. */
  readonly isJson = new Uint8Array(BATCH_LINES);
  readonly #finder = new AddressFinder();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Starts to read bytes, which must stay as they are; the last line may lack its line feed. */
  start(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** Fills the columns with the next lines; with none at the end. */
  fill(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let count = 0;
    while (count < BATCH_LINES && at < bytes.length) {
      const newline = bytes.indexOf(LF, at);
      const end = newline < 0 ? bytes.length : newline;
      this.#take(count++, at, end);
      at = newline < 0 ? end : end + 1;
      this.nexts[count - 1] = at;
    }
    this.#at = at;
    this.count = count;
  }

  #take(i: number, start: number, newline: number): void {
    const bytes = this.#bytes;
    const end = newline > start && bytes[newline - 1] === CR ? newline - 1 : newline;
    this.starts[i] = start;
    this.ends[i] = end;
    this.isJson[i] = 0;
    if (!this.#finder.find(bytes, start, end)) return this.setText(i);
    const { family, bits, groups } = this.#finder;
    if (family === 4) this.setIpv4(i, bits);
    else this.setAddress(i, ipv6FromGroups(groups));
    const brace = findClosingBrace(bytes, start, end);
    if (brace < 0) return;
    this.ends[i] = brace;
    this.isJson[i] = 1;
  }
}

/** Where the last brace of a line stands that is a JSON object by its ends; -1 when it is none. */
function findClosingBrace(bytes: Uint8Array, start: number, end: number): number {
  let first = start;
  while (first < end && bytes[first]! <= SPACE) first++;
  if (bytes[first] !== BRACE_OPEN) return -1;
  // Braces have other uses: an object begins with a key.
  let key = first + 1;
  while (key < end && bytes[key]! <= SPACE) key++;
  if (bytes[key] !== QUOTE) return -1;
  let last = end - 1;
  while (last > first && bytes[last]! <= SPACE) last--;
  return bytes[last] === BRACE_CLOSE ? last : -1;
}

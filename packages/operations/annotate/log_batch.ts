import { AddressFinder, type IpAddress, ipv6FromGroups } from "@ipcascade/core";
import { BATCH_LINES } from "../bulk/address_columns.ts";
import { COPY_STEP } from "../bulk/copy_bytes.ts";
import { MAX_LINE_BYTES } from "../line_splitter.ts";
import { findLineFeed } from "../bulk/find_line_feed.ts";

const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/** Lines of a log in columns, each with the first address in it. */
export class LogBatch {
  /** Lines in the columns. */
  count = 0;
  /** 1 where an address is in the line. */
  readonly hasAddress = new Uint8Array(BATCH_LINES);
  /** The 32 bits of an IPv4 address. */
  readonly bits = new Uint32Array(BATCH_LINES);
  /** The address where it is IPv6; null else. */
  readonly addresses: (IpAddress | null)[] = new Array<null>(BATCH_LINES).fill(null);
  /** Where a line starts, where something may be added to it, and where the next one starts. */
  readonly starts = new Int32Array(BATCH_LINES);
  readonly ends = new Int32Array(BATCH_LINES);
  readonly nexts = new Int32Array(BATCH_LINES);
  /** 1 where the line is too long to be looked into. */
  readonly isLong = new Uint8Array(BATCH_LINES);
  /** 1 where the line is a JSON object. */
  readonly isJson = new Uint8Array(BATCH_LINES);
  /** Whether there is such a line. */
  hasJson = false;
  /** The bytes that the columns tell of. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The same, with what stands behind them where that is at hand: copying in steps reads it along. */
  view: DataView = new DataView(new ArrayBuffer(0));
  readonly #finder = new AddressFinder();
  #lines: DataView = this.view;
  #at = 0;

  /** Starts to read bytes, which must stay as they are; the last line may lack its line feed. */
  start(bytes: Uint8Array): void {
    const { buffer, byteOffset, length } = bytes;
    const behind = Math.min(COPY_STEP, buffer.byteLength - byteOffset - length);
    this.bytes = bytes;
    this.#lines = new DataView(buffer, byteOffset, length);
    this.view = new DataView(buffer, byteOffset, length + behind);
    this.#at = 0;
  }

  /** Fills the columns with the next lines; with none at the end. */
  fill(): void {
    const { length } = this.bytes;
    let at = this.#at;
    let count = 0;
    this.hasJson = false;
    while (count < BATCH_LINES && at < length) {
      const end = findLineFeed(this.#lines, at);
      this.#take(count, at, end);
      at = Math.min(end + 1, length);
      this.nexts[count++] = at;
    }
    this.#at = at;
    this.count = count;
  }

  #take(i: number, start: number, lineEnd: number): void {
    const { bytes } = this;
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    this.starts[i] = start;
    this.ends[i] = end;
    this.isJson[i] = 0;
    this.addresses[i] = null;
    const isLong = lineEnd - start > MAX_LINE_BYTES;
    this.isLong[i] = isLong ? 1 : 0;
    const isFound = !isLong && this.#finder.find(bytes, start, end);
    this.hasAddress[i] = isFound ? 1 : 0;
    if (!isFound) return;
    const { family, bits, groups } = this.#finder;
    if (family === 4) this.bits[i] = bits;
    else this.addresses[i] = ipv6FromGroups(groups);
    // A line that begins with an address begins with no brace.
    if (this.#finder.start > start) this.#findObject(i, start, end);
  }

  #findObject(i: number, start: number, end: number): void {
    const brace = findClosingBrace(this.bytes, start, end);
    if (brace < 0) return;
    if (isAnnotated(this.bytes, start, brace)) {
      this.hasAddress[i] = 0;
      return;
    }
    this.ends[i] = brace;
    this.isJson[i] = 1;
    this.hasJson = true;
  }
}

/** What begins the field that is added. */
const FIELD = [...new TextEncoder().encode('"ipcascade":{')];

/** The field that is added is the last one, and shorter. */
const MAX_FIELD_BYTES = 4_096;

/** Tells whether an object whose last brace stands at `brace` ends with the field that would be added. */
function isAnnotated(bytes: Uint8Array, start: number, brace: number): boolean {
  if (bytes[brace - 1] !== BRACE_CLOSE) return false;
  const from = Math.max(start, brace - MAX_FIELD_BYTES);
  for (let at = brace - FIELD.length; at >= from; at--) {
    if (bytes[at] === QUOTE && FIELD.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
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
  if (bytes[last] !== BRACE_CLOSE) return -1;
  let value = last - 1;
  while (value > first && bytes[value]! <= SPACE) value--;
  // Behind it no field may follow.
  return bytes[value] === COMMA ? -1 : last;
}

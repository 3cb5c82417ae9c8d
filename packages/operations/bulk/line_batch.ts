import { type IpAddress, parseAddress } from "@ipcascade/core";
import { AddressColumns, BATCH_LINES } from "./address_columns.ts";

const LF = 10;
const SPACE = 32;
const HASH = 35;
const DOT = 46;
const ZERO = 48;

/** Longest text of an IPv6 address. */
const MAX_ADDRESS_LENGTH = 45;

/**
 * Columns of lines: where each stands and which address it is. Filled from bytes without making a text of a line,
 * unless it is an IPv6 address.
 */
export class LineBatch extends AddressColumns {
  /** Where the address, or the line that is read as text, starts and ends. */
  readonly starts = new Int32Array(BATCH_LINES);
  readonly ends = new Int32Array(BATCH_LINES);
  /** Which line of the bytes it is, from 0. */
  readonly lines = new Int32Array(BATCH_LINES);
  #input: Uint8Array<ArrayBufferLike> = new Uint8Array(64 * 1024 + 1);
  #length = 0;
  #at = 0;
  #line = 0;

  /** The bytes that the columns tell of. */
  get input(): Uint8Array {
    return this.#input;
  }

  /** Takes a copy of the bytes to read. */
  start(bytes: Uint8Array): void {
    if (this.#input.length <= bytes.length) this.#input = new Uint8Array(bytes.length * 2 + 1);
    this.#input.set(bytes);
    // Ends the last line where nothing else does.
    this.#input[bytes.length] = LF;
    this.#length = bytes.length;
    this.#at = 0;
    this.#line = 0;
  }

  /** Fills the columns with the next lines that say something. */
  fill(): void {
    const bytes = this.#input;
    const length = this.#length;
    let at = this.#at;
    let count = 0;
    while (count < BATCH_LINES && at < length) {
      const lineStart = at;
      while (isBlank(bytes[at]!)) at++;
      const start = at;
      let bits = 0;
      let dots = 0;
      let octet = -1;
      let byte = bytes[at]!;
      for (;; byte = bytes[++at]!) {
        const digit = byte - ZERO;
        if (digit >= 0 && digit <= 9) {
          // A leading zero is no address here, and neither is an octet that is too large: both are read as text.
          if (octet <= 0) octet = octet < 0 ? digit : 1_000;
          else octet = octet * 10 + digit;
        } else if (byte === DOT && octet >= 0 && octet <= 255 && dots < 3) {
          bits = bits << 8 | octet;
          octet = -1;
          dots++;
        } else break;
      }
      const end = at;
      while (isBlank(byte)) byte = bytes[++at]!;
      const isIpv4 = byte === LF && dots === 3 && octet >= 0 && octet <= 255;
      if (!isIpv4 && byte !== LF) at = bytes.indexOf(LF, at);
      const line = this.#line++;
      at++;
      if (isIpv4) {
        this.setIpv4(count, (bits << 8 | octet) >>> 0);
        this.starts[count] = start;
        this.ends[count] = end;
      } else if (bytes[start] === LF || bytes[start] === HASH) continue;
      else this.#addOther(count, lineStart, at - 1);
      this.lines[count++] = line;
    }
    this.#at = at;
    this.count = count;
  }

  #addOther(index: number, lineStart: number, lineEnd: number): void {
    let start = lineStart;
    let end = lineEnd;
    while (isBlank(this.#input[start]!)) start++;
    while (isBlank(this.#input[end - 1]!)) end--;
    const address = this.#parse(start, end);
    this.starts[index] = address === null ? lineStart : start;
    this.ends[index] = address === null ? lineEnd : end;
    if (address === null) this.setText(index);
    else this.setAddress(index, address);
  }

  #parse(start: number, end: number): IpAddress | null {
    if (end - start > MAX_ADDRESS_LENGTH) return null;
    const bytes = this.#input.subarray(start, end);
    return bytes.includes(58) ? parseAddress(String.fromCharCode(...bytes)) : null;
  }
}

/** White space on a line that is ASCII. */
function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13 && byte !== LF);
}

import { parseMicroseconds } from "./cowrie.ts";
import { readAscii } from "./text_cache.ts";

const ZERO = 0x30;

const COLON = 0x3a;

/** Length of `2026-11-20T12:34:56.789012Z`. */
const USUAL_LENGTH = 27;

/** More than 16 bits with a sign. */
const NO_DAY = 0x10000;

/** Reads instants from bytes as `parseMicroseconds` does from texts, and remembers the date: logs have few. */
export class InstantReader {
  // The date's ten bytes as two words and a half.
  #century = 0;
  #month = 0;
  /** At first what no two bytes are. */
  #day = NO_DAY;
  #dateMs = 0;

  /** Microseconds since 1970 UTC; null when the bytes are no instant, or more than 64. */
  read(view: DataView, from: number, to: number): number | null {
    if (to - from === USUAL_LENGTH) {
      const atUs = this.readUsual(view, from);
      if (atUs !== null) return atUs;
    }
    const text = readAscii(view, from, to);
    return text === null ? null : parseMicroseconds(text);
  }

  /** Reads an instant as Cowrie writes it, which ends with `Z`; null when it is another, or there are too few bytes. */
  readUsual(view: DataView, from: number): number | null {
    if (from + USUAL_LENGTH > view.byteLength || !hasUsualMarks(view, from)) return null;
    const hours = readPair(view, from + 11);
    const minutes = readPair(view, from + 14);
    const seconds = readPair(view, from + 17);
    if (hours > 23 || minutes > 59 || seconds > 59) return null;
    const fraction = readPair(view, from + 20) * 10_000 + readPair(view, from + 22) * 100 +
      readPair(view, from + 24);
    // A pair that is none makes the sum too large.
    if (fraction > 999_999 || !this.#readDate(view, from)) return null;
    return (this.#dateMs + ((hours * 60 + minutes) * 60 + seconds) * 1000) * 1000 + fraction;
  }

  #readDate(view: DataView, from: number): boolean {
    const century = view.getInt32(from);
    const month = view.getInt32(from + 4);
    const day = view.getInt16(from + 8);
    if (day === this.#day && month === this.#month && century === this.#century) return true;
    const midnightUs = parseMicroseconds(`${readAscii(view, from, from + 10)}T00:00:00Z`);
    if (midnightUs === null) return false;
    this.#century = century;
    this.#month = month;
    this.#day = day;
    this.#dateMs = midnightUs / 1000;
    return true;
  }
}

function hasUsualMarks(view: DataView, from: number): boolean {
  const between = view.getUint8(from + 10);
  return (between === 0x54 || between === 0x20) && view.getUint8(from + 13) === COLON &&
    view.getUint8(from + 16) === COLON && view.getUint8(from + 19) === 0x2e &&
    view.getUint8(from + 26) === 0x5a;
}

/** The number of two digits; a million when they are none. */
function readPair(view: DataView, at: number): number {
  const tens = view.getUint8(at) - ZERO;
  const ones = view.getUint8(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1_000_000;
}

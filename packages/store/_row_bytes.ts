/** Calling the encoder takes as long as writing so many characters one by one. */
const SHORT_TEXT = 64;

const TWO_TO_32 = 2 ** 32;

const encoder = new TextEncoder();

/** Bytes that grow at their end, in memory that is used again: numbers, big-endian, and texts as UTF-8. */
export class RowBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;

  /** Room at first, in bytes; it grows by itself. */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** All of them, good until more is added; then begins anew. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Drops what was added since the length was this. */
  cut(length: number): void {
    this.#length = length;
  }

  addInt8(value: number): void {
    this.#reserve(1);
    this.#view.setInt8(this.#length, value);
    this.#length += 1;
  }

  addInt16(value: number): void {
    this.#reserve(2);
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  addInt32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  /** A safe integer as 64 bits. */
  addInt64(value: number): void {
    this.#reserve(8);
    this.#view.setInt32(this.#length, Math.floor(value / TWO_TO_32));
    this.#view.setInt32(this.#length + 4, value | 0);
    this.#length += 8;
  }

  addFloat64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** Writes over an integer that was added before. */
  setInt32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A lone surrogate becomes U+FFFD. */
  addText(text: string): void {
    this.#reserve(3 * text.length);
    if (text.length <= SHORT_TEXT && this.#addAscii(text, 0x00)) return;
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /**
   * A text that stands in JSON as it is. False, and nothing added, when it does not: it has a quote, a backslash, a
   * control character or half of a pair of UTF-16.
   */
  addPlain(text: string): boolean {
    this.#reserve(3 * text.length);
    if (this.#addAscii(text, 0x20)) return true;
    if (NEEDS_CARE.test(text)) return false;
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
    return true;
  }

  /** False, and nothing added, when there is another character, a quote, a backslash or one below `least`. */
  #addAscii(text: string, least: number): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    const start = this.#length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < least || code >= 0x80 || (least > 0 && (code === QUOTE || code === BACKSLASH))) return false;
      bytes[start + index] = code;
    }
    this.#length += length;
    return true;
  }

  #reserve(room: number): void {
    const needed = this.#length + room;
    if (needed > this.#bytes.length) this.#grow(Math.max(needed, 2 * this.#bytes.length));
  }

  #grow(size: number): void {
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What JSON or the database do not take as it is, and all of UTF-16 that comes in pairs. */
// deno-lint-ignore no-control-regex -- JSON escapes controls
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

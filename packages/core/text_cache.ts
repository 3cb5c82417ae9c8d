/** Longest text that is kept, in bytes. */
const MAX_LENGTH = 64;

/**
 * Texts by their bytes, so that one which comes again and again is not built each time. Holds as many as it has
 * places, each of which keeps the last text that fell on it: memory stays the same whatever comes.
 */
export class TextCache {
  readonly #mask: number;
  readonly #lengths: Uint8Array;
  readonly #texts: string[];
  /** The bytes of each place's text. */
  readonly #bytes: DataView;

  /** With `2 ** bits` places. */
  constructor(bits: number) {
    const places = 1 << bits;
    this.#mask = places - 1;
    this.#lengths = new Uint8Array(places);
    this.#texts = new Array<string>(places).fill("");
    this.#bytes = new DataView(new ArrayBuffer(places * MAX_LENGTH));
  }

  /** The text of the bytes from `from` to before `to`; null when they are too many, or not all printable ASCII. */
  get(view: DataView, from: number, to: number): string | null {
    const length = to - from;
    if (length < 4 || length > MAX_LENGTH) return readAscii(view, from, to);
    const place = hash(view, from, to) & this.#mask;
    if (this.#lengths[place] === length && this.#holds(place * MAX_LENGTH, view, from, to)) {
      return this.#texts[place]!;
    }
    return this.#keep(place, view, from, to);
  }

  #holds(place: number, view: DataView, from: number, to: number): boolean {
    const kept = this.#bytes;
    const last = to - 4;
    // The last word may overlap the one before it.
    if (view.getInt32(last) !== kept.getInt32(place + last - from)) return false;
    for (let at = from; at < last; at += 4) {
      if (view.getInt32(at) !== kept.getInt32(place + at - from)) return false;
    }
    return true;
  }

  #keep(place: number, view: DataView, from: number, to: number): string | null {
    const text = readAscii(view, from, to);
    if (text === null) return null;
    this.#lengths[place] = text.length;
    this.#texts[place] = text;
    const start = place * MAX_LENGTH;
    for (let i = 0; i < text.length; i++) this.#bytes.setUint8(start + i, text.charCodeAt(i));
    return text;
  }
}

/** The text of at most 64 bytes; null when there are more, or one of them is no printable ASCII. */
export function readAscii(view: DataView, from: number, to: number): string | null {
  if (to - from > MAX_LENGTH) return null;
  for (let at = from; at < to; at++) {
    const byte = view.getUint8(at);
    if (byte < 0x20 || byte > 0x7e) return null;
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + from, to - from);
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Mixes the length, the first, the middle and the last word: more would cost more than what falls on one place. */
function hash(view: DataView, from: number, to: number): number {
  const length = to - from;
  const ends = Math.imul(view.getInt32(from) ^ length, 0x9e3779b1) ^ view.getInt32(to - 4);
  const mixed = Math.imul(ends ^ (ends >>> 15), 0x85ebca6b) ^ view.getInt32(from + ((length - 4) >> 1));
  return Math.imul(mixed, 0x9e3779b1) >>> 16;
}

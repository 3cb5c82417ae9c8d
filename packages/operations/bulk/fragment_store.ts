/** Words of a place: the offset and 2, the fragment's start, its lengths, flags. */
const PLACE_WORDS = 4;
const FIRST_PLACES = 256;

/** Spreads offsets, which mostly are multiples of a few bytes apart (Knuth's multiplicative hashing). */
const GOLDEN_RATIO = 0x9e3779b1;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Longest part of a fragment; what has a longer one is written without fragments. */
export const MAX_PART_BYTES = 2_048;

/** Bytes before a fragment that says how long it is: twice its length, and the lowest bit of its flags. */
export const HEADER_BYTES = 2;

/** Writes a header. */
export function writeHeader(bytes: Uint8Array, at: number, header: number): void {
  bytes[at] = header;
  bytes[at + 1] = header >>> 8;
}

/** How fragments are kept. */
export interface FragmentOptions {
  /** Puts a header before each. Default false. */
  readonly hasHeaders?: boolean;
}

/** The part of a memory that fragments are kept in; several stores share it. */
export interface FragmentMemory {
  readonly bytes: Uint8Array;
  /** Where the next fragment goes. */
  used: number;
}

/**
 * Fragments of output under offsets of an edition, each in two parts, encoded one after the other in a memory of
 * bytes. Equal fragments are stored once. Finding allocates nothing.
 */
export class FragmentStore {
  readonly #memory: FragmentMemory;
  readonly #encoder = new TextEncoder();
  #places = new Uint32Array(FIRST_PLACES * PLACE_WORDS);
  #shift = 32 - Math.log2(FIRST_PLACES);
  #size = 0;
  /** Of every distinct fragment its hash, start and lengths. */
  #contents = new Uint32Array(FIRST_PLACES * PLACE_WORDS);
  #distinct = 0;
  readonly #hasHeaders: boolean;

  /** With `hasHeaders` a fragment says itself how long it is, and equal ones are not looked for. */
  constructor(memory: FragmentMemory, { hasHeaders = false }: FragmentOptions = {}) {
    this.#memory = memory;
    this.#hasHeaders = hasHeaders;
  }

  /** Forgets everything; the memory is the caller's to empty. */
  clear(): void {
    this.#places.fill(0);
    this.#contents.fill(0);
    this.#size = 0;
    this.#distinct = 0;
  }

  /** The place of an offset (from -1 on, below 2³¹ - 1) in `places`; -1 when nothing is kept for it. */
  find(offset: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    const key = offset + 2;
    let at = (Math.imul(offset, GOLDEN_RATIO) >>> this.#shift) * PLACE_WORDS;
    for (;; at = (at + PLACE_WORDS) & mask) {
      const found = places[at]!;
      if (found === key) return at;
      if (found === 0) return -1;
    }
  }

  /** Reads where an offset is looked for, so that the processor has it at hand. */
  touch(offset: number): number {
    return this.#places[(Math.imul(offset, GOLDEN_RATIO) >>> this.#shift) * PLACE_WORDS]!;
  }

  /** Where the fragment at a place starts in the memory, its header first where it has one. */
  startAt(place: number): number {
    return this.#places[place + 1]!;
  }

  /** The lengths of its parts, the first one's times 65 536. */
  lengthsAt(place: number): number {
    return this.#places[place + 2]!;
  }

  /** Bits that the caller gave the fragment at a place. */
  flagsAt(place: number): number {
    return this.#places[place + 3]!;
  }

  /** Keeps a fragment; returns whether it was short enough. The memory must have room for two longest parts. */
  keep(offset: number, [first, second]: readonly [string, string], flags: number): boolean {
    const used = this.#memory.used + (this.#hasHeaders ? HEADER_BYTES : 0);
    const firstLength = this.#encode(first, used);
    const secondLength = this.#encode(second, used + firstLength);
    if (firstLength > MAX_PART_BYTES || secondLength > MAX_PART_BYTES) return false;
    const lengths = (firstLength << 16 | secondLength) >>> 0;
    if (this.#size * 4 * PLACE_WORDS >= this.#places.length * 3) this.#growPlaces();
    const start = this.#hasHeaders ? this.#append(firstLength + secondLength, flags) : this.#share(lengths);
    this.#put(offset + 2, start, lengths, flags);
    return true;
  }

  /** Writes a text. Returns its length, or one that is too long. */
  #encode(text: string, start: number): number {
    if (text.length > MAX_PART_BYTES) return text.length;
    const { bytes } = this.#memory;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return this.#encodeWide(text, start);
      bytes[start + i] = code;
    }
    return text.length;
  }

  #encodeWide(text: string, start: number): number {
    const room = this.#memory.bytes.subarray(start, start + 3 * MAX_PART_BYTES);
    return this.#encoder.encodeInto(text, room).written;
  }

  #put(key: number, start: number, lengths: number, flags: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let at = (Math.imul(key - 2, GOLDEN_RATIO) >>> this.#shift) * PLACE_WORDS;
    while (places[at] !== 0) at = (at + PLACE_WORDS) & mask;
    places[at] = key;
    places[at + 1] = start;
    places[at + 2] = lengths;
    places[at + 3] = flags;
    this.#size++;
  }

  #growPlaces(): void {
    const old = this.#places;
    this.#places = new Uint32Array(old.length * 2);
    this.#shift--;
    this.#size = 0;
    for (let at = 0; at < old.length; at += PLACE_WORDS) {
      if (old[at] !== 0) this.#put(old[at]!, old[at + 1]!, old[at + 2]!, old[at + 3]!);
    }
  }

  /** Puts a header before the fragment just encoded; returns where that starts. */
  #append(length: number, flags: number): number {
    const { bytes, used } = this.#memory;
    writeHeader(bytes, used, length << 1 | flags & 1);
    this.#memory.used += HEADER_BYTES + length;
    return used;
  }

  /** Finds the fragment just encoded among those before it, or makes it one of them; returns its start. */
  #share(lengths: number): number {
    const { used } = this.#memory;
    const length = (lengths >>> 16) + (lengths & 0xffff);
    const hash = this.#hash(used, length);
    if (this.#distinct * 2 * PLACE_WORDS >= this.#contents.length) this.#growContents();
    const contents = this.#contents;
    const mask = contents.length - 1;
    let at = Math.imul(hash, PLACE_WORDS) & mask;
    while (contents[at] !== 0) {
      const start = contents[at + 1]!;
      const isSame = contents[at] === hash && contents[at + 2] === lengths &&
        this.#isEqual(start, used, length);
      if (isSame) return start;
      at = (at + PLACE_WORDS) & mask;
    }
    contents[at] = hash;
    contents[at + 1] = used;
    contents[at + 2] = lengths;
    this.#distinct++;
    this.#memory.used += length;
    return used;
  }

  /** A hash of some bytes (FNV-1a); 0 is an empty place. */
  #hash(start: number, length: number): number {
    const { bytes } = this.#memory;
    let hash = FNV_OFFSET;
    for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
    return (hash >>> 0) || 1;
  }

  #growContents(): void {
    const old = this.#contents;
    const grown = new Uint32Array(old.length * 2);
    const mask = grown.length - 1;
    for (let from = 0; from < old.length; from += PLACE_WORDS) {
      if (old[from] === 0) continue;
      let at = Math.imul(old[from]!, PLACE_WORDS) & mask;
      while (grown[at] !== 0) at = (at + PLACE_WORDS) & mask;
      grown.set(old.subarray(from, from + PLACE_WORDS), at);
    }
    this.#contents = grown;
  }

  #isEqual(a: number, b: number, length: number): boolean {
    const { bytes } = this.#memory;
    for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
    return true;
  }
}

import { BATCH_LINES } from "../bulk/address_columns.ts";

/** Places of a new table. */
const FIRST_PLACES = 4_096;

/** Addresses that are kept: at most three quarters of the places are taken, so that they are 12 MB. */
const MAX_KNOWN = 786_432;

/** Words of a place: the address, and where its two fragments are; 0 where there is no address. */
const PLACE_WORDS = 3;

/** Spreads addresses of one network over the table (Knuth's multiplicative hashing). */
const GOLDEN_RATIO = 0x9e3779b1;

/**
 * Where the fragments about IPv4 addresses stand. The visitors of a log come again and again: whoever is known costs a
 * look into this table, instead of two trees and what is kept of their records.
 */
export class KnownAnswers {
  readonly #maxKnown: number;
  #places = new Uint32Array(FIRST_PLACES * PLACE_WORDS);
  #mask = FIRST_PLACES - 1;
  #shift = 32 - Math.log2(FIRST_PLACES);
  #size = 0;

  /** Keeps `maxKnown` answers at most, and no fewer than a batch may bring. */
  constructor(maxKnown = MAX_KNOWN) {
    this.#maxKnown = Math.max(BATCH_LINES, maxKnown);
  }

  /** Whether the answers of one more batch may be too many. */
  get isFull(): boolean {
    return this.#size + BATCH_LINES > this.#maxKnown;
  }

  /** Reads where an address is looked for, so that the processor has it at hand. */
  touch(bits: number): number {
    return this.#places[(Math.imul(bits, GOLDEN_RATIO) >>> this.#shift) * PLACE_WORDS]!;
  }

  /** The place of the 32 bits of an address; -1 when it is not known. */
  find(bits: number): number {
    const places = this.#places;
    for (let place = Math.imul(bits, GOLDEN_RATIO) >>> this.#shift;; place = (place + 1) & this.#mask) {
      const at = place * PLACE_WORDS;
      if (places[at + 1] === 0) return -1;
      if (places[at] === bits) return at;
    }
  }

  /** Where the first fragment of an answer stands; of a local address the only one. */
  firstAt(place: number): number {
    return this.#places[place + 1]!;
  }

  /** Where the second one stands. */
  secondAt(place: number): number {
    return this.#places[place + 2]!;
  }

  /** Remembers where the fragments about an address that is not known yet stand. */
  keep(bits: number, first: number, second: number): void {
    if (++this.#size * 4 > (this.#mask + 1) * 3) this.#grow();
    this.#put(bits, first, second);
  }

  /** Forgets everything. */
  clear(): void {
    this.#places.fill(0);
    this.#size = 0;
  }

  #put(bits: number, first: number, second: number): void {
    const places = this.#places;
    let place = Math.imul(bits, GOLDEN_RATIO) >>> this.#shift;
    while (places[place * PLACE_WORDS + 1] !== 0) place = (place + 1) & this.#mask;
    const at = place * PLACE_WORDS;
    places[at] = bits;
    places[at + 1] = first;
    places[at + 2] = second;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Uint32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    this.#shift--;
    for (let at = 0; at < old.length; at += PLACE_WORDS) {
      if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]!, old[at + 2]!);
    }
  }
}

/** Places of a new table. */
const FIRST_PLACES = 64;

/** Words of a place: the key, and where the value is. */
const PLACE_WORDS = 2;

/** Spreads offsets, which mostly are multiples of a few bytes apart (Knuth's multiplicative hashing). */
const GOLDEN_RATIO = 0x9e3779b1;

/**
 * A bounded cache under offsets of a data section. One open-addressed table of numbers that says where in a list each
 * value is: finding takes half the time of a `Map`, and a table that grows leaves the values where they are. When it is
 * full, it keeps what was asked for since it was full last, half of its entries at most.
 */
export class OffsetCache<Value> {
  readonly #maxEntries: number;
  /**
   * Of each place the key, which is twice the offset, and 2, and 1 when it was asked for; 0 is an empty place. Then
   * the number of the value.
   */
  #places = new Uint32Array(FIRST_PLACES * PLACE_WORDS);
  #values: Value[] = [];
  #shift = 32 - Math.log2(FIRST_PLACES);

  /** Holds at most `maxEntries` entries; a place takes 8 bytes, and there are at most four of them an entry. */
  constructor(maxEntries: number) {
    this.#maxEntries = Math.max(1, Math.floor(maxEntries));
  }

  /** Entries held. */
  get size(): number {
    return this.#values.length;
  }

  /** What was kept under an offset (below 2³¹ - 1); undefined when nothing is. */
  find(offset: number): Value | undefined {
    const places = this.#places;
    const mask = places.length - 1;
    const wanted = offset + 1;
    let at = (Math.imul(offset, GOLDEN_RATIO) >>> this.#shift) * PLACE_WORDS;
    for (;; at = (at + PLACE_WORDS) & mask) {
      const key = places[at]!;
      if (key >>> 1 === wanted) {
        if ((key & 1) === 0) places[at] = key | 1;
        return this.#values[places[at + 1]!];
      }
      if (key === 0) return undefined;
    }
  }

  /** Keeps a value. */
  keep(offset: number, value: Value): void {
    const places = this.#places;
    const key = ((offset + 1) << 1) >>> 0;
    const at = this.#findPlace(key);
    if (places[at] !== 0) {
      places[at] = key;
      this.#values[places[at + 1]!] = value;
      return;
    }
    if (this.#values.length >= this.#maxEntries) this.#forget();
    else if (this.#values.length * 2 * PLACE_WORDS >= places.length) this.#grow();
    this.#put(key, this.#values.push(value) - 1);
  }

  /** Keeps what was asked for, so that it has to be asked for again. */
  #forget(): void {
    const [places, values] = [this.#places, this.#values];
    let left = Math.floor(this.#maxEntries / 2);
    this.#places = new Uint32Array(places.length);
    this.#values = [];
    for (let at = 0; at < places.length && left > 0; at += PLACE_WORDS) {
      if ((places[at]! & 1) === 0) continue;
      left--;
      this.#put((places[at]! & ~1) >>> 0, this.#values.push(values[places[at + 1]!]!) - 1);
    }
  }

  #grow(): void {
    const places = this.#places;
    this.#places = new Uint32Array(places.length * 2);
    this.#shift--;
    for (let at = 0; at < places.length; at += PLACE_WORDS) {
      if (places[at] !== 0) this.#put(places[at]!, places[at + 1]!);
    }
  }

  #put(key: number, value: number): void {
    const at = this.#findPlace(key);
    this.#places[at] = key;
    this.#places[at + 1] = value;
  }

  /** The place of a key, or the empty one where it belongs. */
  #findPlace(key: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    const wanted = key >>> 1;
    let at = (Math.imul(wanted - 1, GOLDEN_RATIO) >>> this.#shift) * PLACE_WORDS;
    while (places[at] !== 0 && places[at]! >>> 1 !== wanted) at = (at + PLACE_WORDS) & mask;
    return at;
  }
}

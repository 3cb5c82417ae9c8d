/** Places of a new table. */
const FIRST_PLACES = 64;

/** Spreads offsets, which mostly are multiples of a few bytes apart (Knuth's multiplicative hashing). */
const GOLDEN_RATIO = 0x9e3779b1;

/**
 * A bounded cache under offsets of a data section. One open-addressed table: finding takes one place of a typed
 * array and one of the values, half the time of a `Map`. When it is full, it keeps what was asked for since it was
 * full last, half of its entries at most.
 */
export class OffsetCache<Value> {
  readonly #maxEntries: number;
  /** Of each place: twice the offset, and 2, and 1 when it was asked for; 0 is an empty place. */
  #keys = new Uint32Array(FIRST_PLACES);
  #values: (Value | undefined)[] = new Array<undefined>(FIRST_PLACES).fill(undefined);
  #shift = 32 - Math.log2(FIRST_PLACES);
  #size = 0;

  /** Holds at most `maxEntries` entries; a place takes 12 bytes, and there are fewer than three of them an entry. */
  constructor(maxEntries: number) {
    this.#maxEntries = Math.max(1, Math.floor(maxEntries));
  }

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  /** What was kept under an offset (below 2³¹ - 1); undefined when nothing is. */
  find(offset: number): Value | undefined {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const wanted = offset + 1;
    for (let place = Math.imul(offset, GOLDEN_RATIO) >>> this.#shift;; place = (place + 1) & mask) {
      const key = keys[place]!;
      if (key >>> 1 === wanted) {
        if ((key & 1) === 0) keys[place] = key | 1;
        return this.#values[place];
      }
      if (key === 0) return undefined;
    }
  }

  /** Keeps a value. */
  keep(offset: number, value: Value): void {
    if (this.#size >= this.#maxEntries && this.find(offset) === undefined) this.#forget();
    if (this.#size * 4 >= this.#keys.length * 3) this.#rebuild(this.#keys.length * 2, () => true);
    this.#put(((offset + 1) << 1) >>> 0, value);
  }

  /** Keeps what was asked for, so that it has to be asked for again. */
  #forget(): void {
    let left = Math.floor(this.#maxEntries / 2);
    this.#rebuild(this.#keys.length, (key) => (key & 1) === 1 && left-- > 0);
  }

  #rebuild(places: number, isKept: (key: number) => boolean): void {
    const [keys, values] = [this.#keys, this.#values];
    const isGrowing = places > keys.length;
    this.#keys = new Uint32Array(places);
    this.#values = new Array<undefined>(places).fill(undefined);
    this.#shift = 32 - Math.log2(places);
    this.#size = 0;
    // Not by an iterator, which makes an array of each place.
    for (let place = 0; place < keys.length; place++) {
      const key = keys[place]!;
      if (key !== 0 && isKept(key)) this.#put(isGrowing ? key : (key & ~1) >>> 0, values[place]!);
    }
  }

  #put(key: number, value: Value): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const offset = (key >>> 1) - 1;
    let place = Math.imul(offset, GOLDEN_RATIO) >>> this.#shift;
    while (keys[place] !== 0 && keys[place]! >>> 1 !== offset + 1) place = (place + 1) & mask;
    if (keys[place] === 0) this.#size++;
    keys[place] = key;
    this.#values[place] = value;
  }
}

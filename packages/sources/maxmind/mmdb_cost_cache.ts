/** Places in the table for a large section; takes 700 kB. A City edition's records share far fewer values. */
const MAX_PLACES = 65_536;

/** What a sound value takes of what one record may have. */
export interface MmdbCost {
  /** Values, keys and pointers included. */
  readonly values: number;
  /** Bytes of texts and byte strings. */
  readonly bytes: number;
  /** Maps and arrays inside each other. */
  readonly height: number;
}

/**
 * What values that pointers led to were found to cost. A table of fixed size in which a later value takes the place
 * of an earlier one: whatever the data, it takes no more memory, and what it forgets is only checked again.
 */
export class MmdbCostCache {
  readonly #mask: number;
  /** Offset of the value, and one more: 0 is an empty place. */
  readonly #keys: Uint32Array;
  readonly #values: Uint16Array;
  readonly #bytes: Uint32Array;
  readonly #heights: Uint8Array;

  /** Serves a section of so many bytes. */
  constructor(sectionBytes: number) {
    let places = 16;
    while (places < MAX_PLACES && places < sectionBytes) places *= 2;
    this.#mask = places - 1;
    this.#keys = new Uint32Array(places);
    this.#values = new Uint16Array(places);
    this.#bytes = new Uint32Array(places);
    this.#heights = new Uint8Array(places);
  }

  /** The place of a value's cost, for the methods below; -1 when it is not known. */
  find(offset: number): number {
    const place = offset & this.#mask;
    return this.#keys[place] === offset + 1 ? place : -1;
  }

  /** Values at a place. */
  values(place: number): number {
    return this.#values[place]!;
  }

  /** Bytes at a place. */
  bytes(place: number): number {
    return this.#bytes[place]!;
  }

  /** Height at a place. */
  height(place: number): number {
    return this.#heights[place]!;
  }

  /** Keeps a cost. */
  keep(offset: number, cost: MmdbCost): void {
    const place = offset & this.#mask;
    this.#keys[place] = offset + 1;
    this.#values[place] = cost.values;
    this.#bytes[place] = cost.bytes;
    this.#heights[place] = cost.height;
  }
}

import { MmdbCostCache } from "./mmdb_cost_cache.ts";
import { ARRAY, MAP, type MmdbCursor, POINTER, STRING } from "./mmdb_cursor.ts";
import type { MmdbTextReader } from "./mmdb_text.ts";

/** Makes sure that values can be decoded, without doing so: whatever nobody wants is checked all the same. */
export class MmdbChecker {
  readonly #cursor: MmdbCursor;
  readonly #texts: MmdbTextReader;
  /** The values that a pointer led to and that were found sound. */
  readonly #costs: MmdbCostCache;

  /** Steps `cursor` through a section of so many bytes, whose texts `texts` reads. */
  constructor(cursor: MmdbCursor, texts: MmdbTextReader, sectionBytes: number) {
    this.#cursor = cursor;
    this.#texts = texts;
    this.#costs = new MmdbCostCache(sectionBytes);
  }

  /**
   * Passes the value at the cursor, at this depth in its record; returns how many maps and arrays are inside each
   * other there. Throws `MmdbCorruptError`, like everything below.
   */
  skip(depth: number): number {
    const cursor = this.#cursor;
    const type = cursor.readControl();
    if (type !== POINTER) return this.skipBody(type, depth);
    const target = cursor.size;
    const place = this.#costs.find(target);
    return place < 0 ? this.#skipTarget(target, depth) : this.#skipKnown(place, depth);
  }

  /** The same for a value whose control bytes were read. */
  skipBody(type: number, depth: number): number {
    const count = this.#cursor.size;
    if (type !== MAP && type !== ARRAY) {
      const start = this.#cursor.passPayload(type);
      if (type === STRING) this.#texts.check(start, count);
      return 0;
    }
    this.#cursor.enter(type === MAP ? count * 2 : count, depth);
    let height = 0;
    for (let i = 0; i < count; i++) {
      if (type === MAP) this.#texts.check(this.#cursor.passKey(), this.#cursor.size);
      height = Math.max(height, this.skip(depth + 1));
    }
    return height + 1;
  }

  /** Most of a record is shared with others: languages, country, continent. */
  #skipKnown(place: number, depth: number): number {
    const costs = this.#costs;
    const height = costs.height(place);
    this.#cursor.charge(costs.values(place), costs.bytes(place), depth + height);
    return height;
  }

  #skipTarget(target: number, depth: number): number {
    const cursor = this.#cursor;
    const { position, valuesLeft, bytesLeft } = cursor;
    const height = this.skipBody(cursor.followPointer(), depth);
    cursor.position = position;
    const values = valuesLeft - cursor.valuesLeft;
    this.#costs.keep(target, { values, bytes: bytesLeft - cursor.bytesLeft, height });
    return height;
  }
}

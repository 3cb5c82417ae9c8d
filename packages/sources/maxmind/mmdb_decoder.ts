import { OffsetCache } from "./offset_cache.ts";
import { MmdbCostCache } from "./mmdb_cost_cache.ts";
import {
  ARRAY,
  BOOLEAN,
  BYTES,
  DOUBLE,
  FLOAT,
  INT32,
  MAP,
  MmdbCursor,
  POINTER,
  STRING,
  UINT128,
  UINT64,
} from "./mmdb_cursor.ts";
import { MmdbTextReader } from "./mmdb_text.ts";
import type { MmdbMap, MmdbShape, MmdbValue } from "./mmdb_value.ts";

/** Texts and maps kept for the records that share them; keys stand at a few dozen places in a real City edition. */
const MAX_KEPT_TEXTS = 65_536;
const MAX_KEPT_KEYS = 1_024;
const MAX_KEPT_MAPS = 4_096;

/** Places for the costs of a kept map, of which several may fall on one place. */
const COSTS_A_MAP = 4;

/** What a check found out about a sound value. */
export interface CheckedValue {
  /** Whether it is a map, as the records of editions are. */
  readonly isMap: boolean;
  /** Steps that the check took. */
  readonly work: number;
}

/**
 * Decodes the data section of a MaxMind database (specification 2.0), or its metadata. The section may be damaged
 * or hostile: every call ends soon, with a value or with an `MmdbCorruptError`.
 */
export class MmdbDecoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #cursor: MmdbCursor;
  readonly #texts: MmdbTextReader;
  // Apart from the other texts: with the few keys alone, its map stays in the processor's cache.
  readonly #keys: MmdbTextReader;
  readonly #maps = new Map<MmdbShape, OffsetCache<MmdbValue>>();
  /** What the kept maps cost, without their height: a shape stands at the same depth in all records. */
  readonly #keptCosts: MmdbCostCache;
  /** The values that a pointer led to and that were found sound. */
  readonly #costs: MmdbCostCache;

  /** Decodes from `section`, whose first byte has the offset 0. */
  constructor(section: Uint8Array) {
    this.#bytes = section;
    this.#view = new DataView(section.buffer, section.byteOffset, section.byteLength);
    this.#cursor = new MmdbCursor(section);
    this.#texts = new MmdbTextReader(section, MAX_KEPT_TEXTS);
    this.#keys = new MmdbTextReader(section, MAX_KEPT_KEYS);
    this.#costs = new MmdbCostCache(section.length);
    this.#keptCosts = new MmdbCostCache(Math.min(section.length, MAX_KEPT_MAPS * COSTS_A_MAP));
  }

  /**
   * The value at an offset. With a `shape`, keys outside it are left out, but checked all the same. Throws
   * `MmdbCorruptError`.
   */
  decode(offset: number, shape: MmdbShape = true): MmdbValue {
    this.#cursor.start(offset);
    return this.#read(shape, 0);
  }

  /** Makes sure that the value at an offset can be decoded. Throws `MmdbCorruptError`. */
  check(offset: number): CheckedValue {
    const cursor = this.#cursor;
    cursor.start(offset);
    const type = cursor.readControl();
    const bodyType = type === POINTER ? cursor.followPointer() : type;
    this.#skipBody(bodyType, 0);
    return { isMap: bodyType === MAP, work: cursor.work };
  }

  #read(shape: MmdbShape, depth: number): MmdbValue {
    const cursor = this.#cursor;
    const type = cursor.readControl();
    if (type !== POINTER) return this.#readBody(type, shape, depth);
    const kept = shape === true ? null : this.#keptMaps(shape);
    const target = cursor.size;
    const known = kept?.find(target);
    const place = known === undefined ? -1 : this.#keptCosts.find(target);
    if (place >= 0) {
      this.#chargeKept(place, depth);
      return known!;
    }
    const { position, valuesLeft, bytesLeft } = cursor;
    const value = this.#readBody(cursor.followPointer(), shape, depth);
    cursor.position = position;
    if (kept === null) return value;
    kept.keep(target, value);
    const [values, bytes] = [valuesLeft - cursor.valuesLeft, bytesLeft - cursor.bytesLeft];
    this.#keptCosts.keep(target, { values, bytes, height: 0 });
    return value;
  }

  /** What is kept counts for each record that has it, so that no answer depends on those before. */
  #chargeKept(place: number, depth: number): void {
    const costs = this.#keptCosts;
    this.#cursor.charge(costs.values(place), costs.bytes(place), depth);
  }

  /** The maps that several records point to, as they do to countries, by what is wanted of them. */
  #keptMaps(shape: MmdbShape): OffsetCache<MmdbValue> {
    const kept = this.#maps.get(shape);
    if (kept !== undefined) return kept;
    const created = new OffsetCache<MmdbValue>(MAX_KEPT_MAPS);
    this.#maps.set(shape, created);
    return created;
  }

  #readBody(type: number, shape: MmdbShape, depth: number): MmdbValue {
    if (type === MAP) return this.#readMap(shape, depth);
    if (type === ARRAY) return this.#readArray(depth);
    const size = this.#cursor.size;
    const start = this.#cursor.passPayload(type);
    switch (type) {
      case STRING:
        return this.#texts.read(start, size);
      case BYTES:
        return this.#bytes.slice(start, start + size);
      case DOUBLE:
        return this.#view.getFloat64(start);
      case FLOAT:
        return this.#view.getFloat32(start);
      case BOOLEAN:
        return size === 1;
      case INT32:
        return size === 4 ? this.#view.getInt32(start) : this.#readUint(start, size);
      case UINT64:
      case UINT128:
        return this.#readBigUint(start, size);
      default:
        return this.#readUint(start, size);
    }
  }

  #readMap(shape: MmdbShape, depth: number): MmdbMap {
    const count = this.#cursor.size;
    this.#cursor.enter(count * 2, depth);
    const map: { [key: string]: MmdbValue } = {};
    for (let i = 0; i < count; i++) {
      const key = this.#readKey();
      const wanted = shape === true ? true : shape.get(key);
      if (wanted === undefined) this.#skip(depth + 1);
      else setEntry(map, key, this.#read(wanted, depth + 1));
    }
    return map;
  }

  #readArray(depth: number): MmdbValue[] {
    const count = this.#cursor.size;
    this.#cursor.enter(count, depth);
    const array: MmdbValue[] = [];
    for (let i = 0; i < count; i++) array.push(this.#read(true, depth + 1));
    return array;
  }

  #readKey(): string {
    const cursor = this.#cursor;
    const type = cursor.readControl();
    const next = cursor.position;
    const start = this.#enterKey(type);
    const key = this.#keys.read(start, cursor.size);
    if (type === POINTER) cursor.position = next;
    return key;
  }

  #skipKey(): void {
    const cursor = this.#cursor;
    const type = cursor.readControl();
    const next = cursor.position;
    const start = this.#enterKey(type);
    this.#keys.check(start, cursor.size);
    if (type === POINTER) cursor.position = next;
  }

  /** Passes the text of a key, which may be behind a pointer; returns where it starts. */
  #enterKey(type: number): number {
    const keyType = type === POINTER ? this.#cursor.followPointer() : type;
    if (keyType !== STRING) throw this.#cursor.corrupt("map key is not a text");
    return this.#cursor.passPayload(STRING);
  }

  /** Passes a value; returns how many maps and arrays are inside each other there. */
  #skip(depth: number): number {
    const cursor = this.#cursor;
    const type = cursor.readControl();
    if (type !== POINTER) return this.#skipBody(type, depth);
    const target = cursor.size;
    const place = this.#costs.find(target);
    return place < 0 ? this.#skipTarget(target, depth) : this.#skipKnown(place, depth);
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
    const height = this.#skipBody(cursor.followPointer(), depth);
    cursor.position = position;
    const values = valuesLeft - cursor.valuesLeft;
    this.#costs.keep(target, { values, bytes: bytesLeft - cursor.bytesLeft, height });
    return height;
  }

  #skipBody(type: number, depth: number): number {
    const count = this.#cursor.size;
    if (type !== MAP && type !== ARRAY) {
      const start = this.#cursor.passPayload(type);
      if (type === STRING) this.#texts.check(start, count);
      return 0;
    }
    this.#cursor.enter(type === MAP ? count * 2 : count, depth);
    let height = 0;
    for (let i = 0; i < count; i++) {
      if (type === MAP) this.#skipKey();
      height = Math.max(height, this.#skip(depth + 1));
    }
    return height + 1;
  }

  #readUint(start: number, size: number): number {
    let value = 0;
    for (let i = start; i < start + size; i++) value = value * 256 + this.#bytes[i]!;
    return value;
  }

  #readBigUint(start: number, size: number): bigint {
    let value = 0n;
    for (let i = start; i < start + size; i++) value = (value << 8n) | BigInt(this.#bytes[i]!);
    return value;
  }
}

function setEntry(map: { [key: string]: MmdbValue }, key: string, value: MmdbValue): void {
  if (key !== "__proto__") map[key] = value;
  // Assigned, it would be the prototype.
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

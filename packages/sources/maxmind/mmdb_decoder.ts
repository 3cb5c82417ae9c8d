import { GenerationCache } from "./generation_cache.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MmdbTextReader } from "./mmdb_text.ts";

/** Anything a data section can hold. Unsigned integers of 64 and 128 bits are `bigint`, the smaller ones `number`. */
export type MmdbValue = string | number | bigint | boolean | Uint8Array | readonly MmdbValue[] | MmdbMap;

/** A map of the data section. */
export interface MmdbMap {
  /** The value under a key. */
  readonly [key: string]: MmdbValue | undefined;
}

/** The part of a record that is wanted: `true` is all of it; of a map, the keys named here. */
export type MmdbShape = true | ReadonlyMap<string, MmdbShape>;

/** Maps and arrays inside each other. MaxMind's records have 5; libmaxminddb stops at 512. */
export const MAX_RECORD_DEPTH = 32;

/** Values in one record, keys and pointers included. A City record with eight languages has about 200. */
export const MAX_RECORD_VALUES = 4_096;

/** Bytes of the texts and byte strings that one record brings. */
export const MAX_RECORD_BYTES = 1_048_576;

/** Texts kept for the records that share them. A real City edition has a few dozen places with keys. */
const MAX_KEPT_TEXTS = 65_536;
const MAX_KEPT_KEYS = 1_024;
const MAX_SHARED_MAPS = 4_096;

const EXTENDED = 0;
const POINTER = 1;
const STRING = 2;
const DOUBLE = 3;
const BYTES = 4;
const MAP = 7;
const INT32 = 8;
const UINT64 = 9;
const UINT128 = 10;
const ARRAY = 11;
const BOOLEAN = 14;
const FLOAT = 15;

/** Smallest and largest size by type, -1 where the type can't stand in a record. */
const MIN_SIZES = [-1, -1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 4];
const MAX_SIZES = [-1, -1, Infinity, 8, Infinity, 2, 4, Infinity, 4, 8, 16, Infinity, -1, -1, 1, 4];

/** What a pointer's bits are added to, by its size. */
const POINTER_BASES = [0, 2_048, 526_336, 0];

/** What the bytes after a size of 29, 30 and 31 are added to. */
const SIZE_BASES = [29, 285, 65_821];

/**
 * Decodes the data section of a MaxMind database (specification 2.0), or its metadata. What a damaged or hostile
 * section says is checked before it is used, and the work for one record is bounded, so that every call ends
 * soon: with a value or with an `MmdbCorruptError`.
 */
export class MmdbDecoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #texts: MmdbTextReader;
  readonly #shared = new Map<MmdbShape, GenerationCache<MmdbValue>>();
  // Apart from the other texts: with the few keys alone, its map stays in the processor's cache.
  readonly #keys: MmdbTextReader;
  /** A bit for every offset that a pointer led to and whose value was found sound. */
  readonly #checked: Uint8Array;
  #position = 0;
  /** Size of the value whose control bytes were read last; for a pointer, its target. */
  #size = 0;
  #valuesLeft = 0;
  #bytesLeft = 0;

  /** Decodes from `section`, whose first byte has the offset 0. */
  constructor(section: Uint8Array) {
    this.#bytes = section;
    this.#view = new DataView(section.buffer, section.byteOffset, section.byteLength);
    this.#texts = new MmdbTextReader(section, MAX_KEPT_TEXTS);
    this.#keys = new MmdbTextReader(section, MAX_KEPT_KEYS);
    this.#checked = new Uint8Array((section.length >>> 3) + 1);
  }

  /**
   * The value at an offset. With a `shape`, keys outside it are left out, but checked all the same. Throws
   * `MmdbCorruptError`.
   */
  decode(offset: number, shape: MmdbShape = true): MmdbValue {
    this.#start(offset);
    return this.#read(shape, 0);
  }

  /** Makes sure that the value at an offset can be decoded. Throws `MmdbCorruptError`. */
  check(offset: number): void {
    this.#start(offset);
    this.#skip(0);
  }

  #start(offset: number): void {
    this.#valuesLeft = MAX_RECORD_VALUES;
    this.#bytesLeft = MAX_RECORD_BYTES;
    this.#moveTo(offset);
  }

  #read(shape: MmdbShape, depth: number): MmdbValue {
    const type = this.#readControl();
    if (type !== POINTER) return this.#readBody(type, shape, depth);
    if (shape !== true) return this.#readShared(shape, depth);
    const next = this.#position;
    const value = this.#readBody(this.#followPointer(), shape, depth);
    this.#position = next;
    return value;
  }

  /** Follows the pointer read last to a map that other records share, as they do with countries. */
  #readShared(shape: ReadonlyMap<string, MmdbShape>, depth: number): MmdbValue {
    const target = this.#size;
    let shared = this.#shared.get(shape);
    if (shared === undefined) this.#shared.set(shape, shared = new GenerationCache(MAX_SHARED_MAPS));
    const kept = shared.find(target);
    if (kept !== undefined) return kept;
    const next = this.#position;
    const value = this.#readBody(this.#followPointer(), shape, depth);
    this.#position = next;
    shared.keep(target, value);
    return value;
  }

  #readBody(type: number, shape: MmdbShape, depth: number): MmdbValue {
    if (type === MAP) return this.#readMap(shape, depth);
    if (type === ARRAY) return this.#readArray(depth);
    const start = this.#position;
    const size = this.#size;
    this.#position += this.#payloadSize(type);
    switch (type) {
      case STRING:
        this.#spend(size);
        return this.#texts.read(start, size);
      case BYTES:
        this.#spend(size);
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
    const count = this.#size;
    this.#enter(count * 2, depth);
    const map: { [key: string]: MmdbValue } = {};
    for (let i = 0; i < count; i++) {
      const key = this.#readKey();
      const wanted = shape === true ? true : shape.get(key);
      if (wanted === undefined) this.#skip(depth + 1);
      else if (key === "__proto__") throw this.#corrupt(`map has the key "${key}"`);
      else map[key] = this.#read(wanted, depth + 1);
    }
    return map;
  }

  #readArray(depth: number): MmdbValue[] {
    const count = this.#size;
    this.#enter(count, depth);
    const array: MmdbValue[] = [];
    for (let i = 0; i < count; i++) array.push(this.#read(true, depth + 1));
    return array;
  }

  #readKey(): string {
    const type = this.#readControl();
    const next = this.#position;
    const keyType = type === POINTER ? this.#followPointer() : type;
    if (keyType !== STRING) throw this.#corrupt("map key is not a text");
    const start = this.#position;
    this.#position += this.#payloadSize(keyType);
    this.#spend(this.#size);
    const key = this.#keys.read(start, this.#size);
    if (type === POINTER) this.#position = next;
    return key;
  }

  #skip(depth: number): void {
    const type = this.#readControl();
    if (type !== POINTER) return this.#skipBody(type, depth);
    const target = this.#size;
    // Most of a record is shared with others: languages, country, continent.
    if ((this.#checked[target >>> 3]! & (1 << (target & 7))) !== 0) return;
    const next = this.#position;
    this.#skipBody(this.#followPointer(), depth);
    this.#position = next;
    this.#checked[target >>> 3]! |= 1 << (target & 7);
  }

  #skipBody(type: number, depth: number): void {
    if (type !== MAP && type !== ARRAY) return this.#skipScalar(type);
    const count = this.#size;
    this.#enter(type === MAP ? count * 2 : count, depth);
    for (let i = 0; i < count; i++) {
      if (type === MAP) this.#skipKey();
      this.#skip(depth + 1);
    }
  }

  #skipKey(): void {
    const type = this.#readControl();
    const next = this.#position;
    const keyType = type === POINTER ? this.#followPointer() : type;
    if (keyType !== STRING) throw this.#corrupt("map key is not a text");
    this.#skipScalar(keyType);
    if (type === POINTER) this.#position = next;
  }

  #skipScalar(type: number): void {
    const start = this.#position;
    this.#position += this.#payloadSize(type);
    if (type !== STRING) return;
    this.#spend(this.#size);
    this.#texts.check(start, this.#size);
  }

  /** Reads the control bytes of the next value: returns its type and leaves its size in `#size`. */
  #readControl(): number {
    if (--this.#valuesLeft < 0) throw this.#corrupt(`record has more than ${MAX_RECORD_VALUES} values`);
    const control = this.#readByte();
    let type = control >>> 5;
    if (type === POINTER) {
      this.#size = this.#readTarget(control);
      return POINTER;
    }
    if (type === EXTENDED) {
      type = this.#readByte() + 7;
      if (type === MAP || type > FLOAT) throw this.#corrupt(`unknown type ${type}`);
    }
    const size = control & 31;
    this.#size = size < 29 ? size : this.#readLongSize(size - 29);
    return type;
  }

  #readLongSize(extra: number): number {
    let size = 0;
    for (let i = 0; i <= extra; i++) size = size * 256 + this.#readByte();
    return size + SIZE_BASES[extra]!;
  }

  #readTarget(control: number): number {
    const extra = (control >>> 3) & 3;
    let target = extra === 3 ? 0 : control & 7;
    for (let i = 0; i <= extra; i++) target = target * 256 + this.#readByte();
    return target + POINTER_BASES[extra]!;
  }

  /** Goes to the target of the pointer read last and reads its control bytes. */
  #followPointer(): number {
    this.#moveTo(this.#size);
    const type = this.#readControl();
    if (type === POINTER) throw this.#corrupt("pointer leads to a pointer");
    return type;
  }

  #moveTo(offset: number): void {
    if (!(offset >= 0 && offset < this.#bytes.length)) {
      throw this.#corrupt(`offset ${offset} is outside the section of ${this.#bytes.length} bytes`);
    }
    this.#position = offset;
  }

  #readByte(): number {
    if (this.#position >= this.#bytes.length) throw this.#corrupt("section ends inside a value");
    return this.#bytes[this.#position++]!;
  }

  /** Bytes that the value in hand takes after its control bytes; checks type, size and room. */
  #payloadSize(type: number): number {
    const size = this.#size;
    if (size < MIN_SIZES[type]! || size > MAX_SIZES[type]!) {
      throw this.#corrupt(`type ${type} has size ${size}`);
    }
    if (type === BOOLEAN) return 0;
    if (size > this.#bytes.length - this.#position) throw this.#corrupt("section ends inside a value");
    return size;
  }

  /** Checks a map or array before its items are read: each takes a byte at least. */
  #enter(items: number, depth: number): void {
    if (depth >= MAX_RECORD_DEPTH) {
      throw this.#corrupt(`record is nested more than ${MAX_RECORD_DEPTH} levels`);
    }
    if (items > this.#bytes.length - this.#position) throw this.#corrupt("section ends inside a value");
  }

  #spend(size: number): void {
    this.#bytesLeft -= size;
    if (this.#bytesLeft < 0) throw this.#corrupt(`record has more than ${MAX_RECORD_BYTES} bytes of text`);
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

  #corrupt(state: string): MmdbCorruptError {
    return new MmdbCorruptError(`Cannot decode record near ${this.#position}: ${state}`);
  }
}

/** Tells whether a decoded value is a map. */
export function isMap(value: MmdbValue | undefined): value is MmdbMap {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

import { MmdbChecker } from "./mmdb_checker.ts";
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
import { MmdbFieldReader } from "./mmdb_field_reader.ts";
import { MmdbTextReader } from "./mmdb_text.ts";
import type { MmdbMap, MmdbPath, MmdbValue } from "./mmdb_value.ts";

/** Texts kept for the records that share them; keys stand at a few dozen places in a real City edition. */
const MAX_KEPT_TEXTS = 65_536;
const MAX_KEPT_KEYS = 1_024;

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
  readonly #checker: MmdbChecker;

  /** Decodes from `section`, whose first byte has the offset 0. */
  constructor(section: Uint8Array) {
    this.#bytes = section;
    this.#view = new DataView(section.buffer, section.byteOffset, section.byteLength);
    this.#cursor = new MmdbCursor(section);
    this.#texts = new MmdbTextReader(section, MAX_KEPT_TEXTS);
    this.#keys = new MmdbTextReader(section, MAX_KEPT_KEYS);
    this.#checker = new MmdbChecker(this.#cursor, this.#texts, section.length);
  }

  /** The value at an offset. Throws `MmdbCorruptError`. */
  decode(offset: number): MmdbValue {
    this.#cursor.start(offset);
    return this.#read(0);
  }

  /** What reads from the same section only what these paths lead to, none of which begins with another. */
  openFields(paths: readonly MmdbPath[]): MmdbFieldReader {
    const parts = {
      cursor: this.#cursor,
      keys: this.#keys,
      checker: this.#checker,
      readValue: (depth: number) => this.#read(depth),
    };
    return new MmdbFieldReader(parts, paths, this.#bytes.length);
  }

  /** Makes sure that the value at an offset can be decoded. Throws `MmdbCorruptError`. */
  check(offset: number): CheckedValue {
    const cursor = this.#cursor;
    cursor.start(offset);
    const type = cursor.readControl();
    const bodyType = type === POINTER ? cursor.followPointer() : type;
    this.#checker.skipBody(bodyType, 0);
    return { isMap: bodyType === MAP, work: cursor.work };
  }

  #read(depth: number): MmdbValue {
    const cursor = this.#cursor;
    const type = cursor.readControl();
    if (type !== POINTER) return this.#readBody(type, depth);
    const { position } = cursor;
    const value = this.#readBody(cursor.followPointer(), depth);
    cursor.position = position;
    return value;
  }

  #readBody(type: number, depth: number): MmdbValue {
    if (type === MAP) return this.#readMap(depth);
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

  #readMap(depth: number): MmdbMap {
    const count = this.#cursor.size;
    this.#cursor.enter(count * 2, depth);
    const map: { [key: string]: MmdbValue } = {};
    for (let i = 0; i < count; i++) {
      const start = this.#cursor.passKey();
      const key = this.#keys.read(start, this.#cursor.size);
      setEntry(map, key, this.#read(depth + 1));
    }
    return map;
  }

  #readArray(depth: number): MmdbValue[] {
    const count = this.#cursor.size;
    this.#cursor.enter(count, depth);
    const array: MmdbValue[] = [];
    for (let i = 0; i < count; i++) array.push(this.#read(depth + 1));
    return array;
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

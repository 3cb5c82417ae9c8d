import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";

/** Maps and arrays inside each other. MaxMind's records have 5; libmaxminddb stops at 512. */
export const MAX_RECORD_DEPTH = 32;

/** Values in one record, keys and pointers included. A City record with eight languages has about 200. */
export const MAX_RECORD_VALUES = 4_096;

/** Bytes of the texts and byte strings that one record brings. */
export const MAX_RECORD_BYTES = 1_048_576;

/** Bytes of text that are read in the time of one value. */
const BYTES_PER_STEP = 16;

/** Numbers of the types (specification 2.0, "Data Field Format"). */
export const POINTER = 1;
export const STRING = 2;
export const DOUBLE = 3;
export const BYTES = 4;
export const MAP = 7;
export const INT32 = 8;
export const UINT64 = 9;
export const UINT128 = 10;
export const ARRAY = 11;
export const BOOLEAN = 14;
export const FLOAT = 15;
const EXTENDED = 0;

/** Larger than any size that control bytes can say. */
const NO_LIMIT = 0x3fffffff;

/** Smallest and largest size by type, -1 where the type can't stand in a record. */
const MIN_SIZES = [-1, -1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 4];
const MAX_SIZES = [-1, -1, NO_LIMIT, 8, NO_LIMIT, 2, 4, NO_LIMIT, 4, 8, 16, NO_LIMIT, -1, -1, 1, 4];

/** What a pointer's bits are added to, by its size. */
const POINTER_BASES = [0, 2_048, 526_336, 0];

/** What the bytes after a size of 29, 30 and 31 are added to. */
const SIZE_BASES = [29, 285, 65_821];

/**
 * Steps through the control bytes of a data section. Whatever they say is checked before it is used, and counted
 * against what one record may have.
 */
export class MmdbCursor {
  /** Offset of the next byte. */
  position = 0;
  /** Size of the value whose control bytes were read last; for a pointer, its target. */
  size = 0;
  readonly #bytes: Uint8Array;
  #valuesLeft = 0;
  #bytesLeft = 0;
  #chargedValues = 0;
  #chargedBytes = 0;

  /** Steps through `section`, whose first byte has the offset 0. */
  constructor(section: Uint8Array) {
    this.#bytes = section;
  }

  /** Goes to the start of another record. Throws `MmdbCorruptError`, like everything below. */
  start(offset: number): void {
    this.#valuesLeft = MAX_RECORD_VALUES;
    this.#bytesLeft = MAX_RECORD_BYTES;
    this.#chargedValues = 0;
    this.#chargedBytes = 0;
    this.#moveTo(offset);
  }

  /** Values that the record may still have. */
  get valuesLeft(): number {
    return this.#valuesLeft;
  }

  /** Bytes of text that the record may still bring. */
  get bytesLeft(): number {
    return this.#bytesLeft;
  }

  /** Steps that were taken since `start`: a value is one, and so are 16 bytes of text. */
  get work(): number {
    const values = MAX_RECORD_VALUES - this.#valuesLeft - this.#chargedValues;
    const bytes = MAX_RECORD_BYTES - this.#bytesLeft - this.#chargedBytes;
    return values + bytes / BYTES_PER_STEP;
  }

  /** Counts a value whose cost is known, instead of stepping through it; `levels` is how deep it goes in the record. */
  charge(values: number, bytes: number, levels: number): void {
    this.#checkDepth(levels);
    this.#chargedValues += values;
    this.#valuesLeft -= values;
    if (this.#valuesLeft < 0) throw this.#tooManyValues();
    this.#chargedBytes += bytes;
    this.#spend(bytes);
  }

  /** Reads the control bytes of the next value: returns its type and leaves its size in `size`. */
  readControl(): number {
    if (--this.#valuesLeft < 0) throw this.#tooManyValues();
    const control = this.#readByte();
    let type = control >>> 5;
    if (type === POINTER) {
      this.size = this.#readTarget(control);
      return POINTER;
    }
    if (type === EXTENDED) {
      type = this.#readByte() + 7;
      if (type === MAP || type > FLOAT) throw this.corrupt(`unknown type ${type}`);
    }
    const size = control & 31;
    this.size = size < 29 ? size : this.#readLongSize(size - 29);
    return type;
  }

  /** Goes to the target of the pointer read last, and reads the control bytes there. */
  followPointer(): number {
    this.#moveTo(this.size);
    const type = this.readControl();
    if (type === POINTER) throw this.corrupt("pointer leads to a pointer");
    return type;
  }

  /** Passes the payload of a scalar whose control bytes were read last; returns where it starts. */
  passPayload(type: number): number {
    const { position, size } = this;
    if (size < MIN_SIZES[type]! || size > MAX_SIZES[type]!) {
      throw this.corrupt(`type ${type} has size ${size}`);
    }
    // The size of a boolean is its value.
    if (type === BOOLEAN) return position;
    if (size > this.#bytes.length - position) throw this.corrupt("section ends inside a value");
    if (type === STRING || type === BYTES) this.#spend(size);
    this.position += size;
    return position;
  }

  /** Passes a key, which may be behind a pointer; returns where its text starts, and leaves its length in `size`. */
  passKey(): number {
    const type = this.readControl();
    const next = this.position;
    const keyType = type === POINTER ? this.followPointer() : type;
    if (keyType !== STRING) throw this.corrupt("map key is not a text");
    const start = this.passPayload(STRING);
    if (type === POINTER) this.position = next;
    return start;
  }

  /** Checks a map or array before its items are read: each takes a byte at least. */
  enter(items: number, depth: number): void {
    this.#checkDepth(depth + 1);
    if (items > this.#bytes.length - this.position) throw this.corrupt("section ends inside a value");
  }

  /** The error that says what is wrong here. */
  corrupt(state: string): MmdbCorruptError {
    return new MmdbCorruptError("decode record", state, this.position);
  }

  #tooManyValues(): MmdbCorruptError {
    return this.corrupt(`record has more than ${MAX_RECORD_VALUES} values`);
  }

  #checkDepth(levels: number): void {
    if (levels <= MAX_RECORD_DEPTH) return;
    throw this.corrupt(`record is nested more than ${MAX_RECORD_DEPTH} levels`);
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

  #moveTo(offset: number): void {
    if (!(offset >= 0 && offset < this.#bytes.length)) {
      throw this.corrupt(`offset ${offset} is outside the section of ${this.#bytes.length} bytes`);
    }
    this.position = offset;
  }

  #readByte(): number {
    if (this.position >= this.#bytes.length) throw this.corrupt("section ends inside a value");
    return this.#bytes[this.position++]!;
  }

  #spend(size: number): void {
    this.#bytesLeft -= size;
    if (this.#bytesLeft < 0) throw this.corrupt(`record has more than ${MAX_RECORD_BYTES} bytes of text`);
  }
}

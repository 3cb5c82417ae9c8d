/** The types of the MaxMind DB format (specification 2.0, "Data Field Format"). */
const TYPE_NUMBERS = {
  pointer: 1,
  string: 2,
  double: 3,
  bytes: 4,
  uint16: 5,
  uint32: 6,
  map: 7,
  int32: 8,
  uint64: 9,
  uint128: 10,
  array: 11,
  boolean: 14,
  float: 15,
} as const;

/** A scalar type that a number can be written as. */
export type MmdbNumberType = "double" | "float" | "uint16" | "uint32" | "int32" | "uint64" | "uint128";

/** A number with its type said, where the default (whole: `uint32`, else `double`) is not wanted. */
export class MmdbNumber {
  /** Says that `value` is to be written as `type`. */
  constructor(readonly type: MmdbNumberType, readonly value: number | bigint) {}
}

/** Anything a MaxMind database can hold. Keys whose value is undefined are left out. */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | MmdbNumber
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue | undefined };

/** Types of the numbers in MaxMind's own records, by key. */
const KEY_TYPES: Readonly<Record<string, MmdbNumberType>> = {
  latitude: "double",
  longitude: "double",
  accuracy_radius: "uint16",
  metro_code: "uint16",
  confidence: "uint16",
};

/** Bytes that grow. */
class ByteBuffer {
  bytes = new Uint8Array(64);
  length = 0;

  push(byte: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = byte;
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.bytes.length) this.#grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #grow(more: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/**
 * The data section while it grows. Every distinct string, map and list is written once; maps and lists hold
 * pointers to them, so that two equal records are equal bytes and the section stays small.
 */
export class MmdbDataSection {
  readonly #out = new ByteBuffer();
  readonly #offsets = new Map<string, number>();
  readonly #byIdentity = new Map<object, number>();
  readonly #strings = new Map<string, number>();

  /** The bytes written so far. */
  get bytes(): Uint8Array {
    return this.#out.bytes.subarray(0, this.#out.length);
  }

  /** Writes a value unless an equal one is there. Returns its offset in the section. */
  store(value: MmdbValue): number {
    if (typeof value === "string") return this.#storeString(value);
    if (typeof value !== "object") return this.#storeBytes(encodeScalar(value));
    const known = this.#byIdentity.get(value);
    if (known !== undefined) return known;
    const offset = this.#storeBytes(this.#encode(value));
    // Only shared parts are worth remembering by identity: records by the million would fill the memory.
    if (!(value instanceof Uint8Array) && Object.isFrozen(value)) this.#byIdentity.set(value, offset);
    return offset;
  }

  #encode(value: MmdbValue): Uint8Array {
    const out = new ByteBuffer();
    if (isScalar(value)) return encodeScalar(value);
    if (Array.isArray(value)) {
      writeControl(out, "array", value.length);
      for (const item of value as readonly MmdbValue[]) this.#writeChild(out, item);
      return out.bytes.slice(0, out.length);
    }
    const entries = entriesOf(value as MmdbMap);
    writeControl(out, "map", entries.length);
    for (const [key, item] of entries) {
      this.#writeChild(out, key);
      this.#writeChild(out, item);
    }
    return out.bytes.slice(0, out.length);
  }

  #writeChild(out: ByteBuffer, value: MmdbValue): void {
    // A pointer takes two bytes at least, so shorter values stay in place.
    const stays = typeof value === "string" ? value.length < 2 : isScalar(value);
    if (stays) return writeScalar(out, value as MmdbScalar);
    writePointer(out, this.store(value));
  }

  #storeString(value: string): number {
    const known = this.#strings.get(value);
    if (known !== undefined) return known;
    const offset = this.#out.length;
    this.#out.append(encodeScalar(value));
    this.#strings.set(value, offset);
    return offset;
  }

  #storeBytes(encoded: Uint8Array): number {
    const key = String.fromCharCode(...encoded.subarray(0, 4096));
    const known = encoded.length <= 4096 ? this.#offsets.get(key) : undefined;
    if (known !== undefined) return known;
    const offset = this.#out.length;
    this.#out.append(encoded);
    if (encoded.length <= 4096) this.#offsets.set(key, offset);
    return offset;
  }
}

/** Writes a value without pointers, as the metadata needs it. */
export function encodeInline(value: MmdbValue): Uint8Array {
  const out = new ByteBuffer();
  writeInline(out, value);
  return out.bytes.slice(0, out.length);
}

type MmdbMap = { readonly [key: string]: MmdbValue | undefined };
type MmdbScalar = string | number | bigint | boolean | Uint8Array | MmdbNumber;

function isScalar(value: MmdbValue): value is MmdbScalar {
  return typeof value !== "object" || value instanceof Uint8Array || value instanceof MmdbNumber;
}

function entriesOf(map: MmdbMap): [string, MmdbValue][] {
  const entries: [string, MmdbValue][] = [];
  for (const key of Object.keys(map)) {
    const value = map[key];
    if (value === undefined) continue;
    const type = typeof value === "number" ? KEY_TYPES[key] : undefined;
    entries.push([key, type === undefined ? value : new MmdbNumber(type, value as number)]);
  }
  return entries;
}

function writeInline(out: ByteBuffer, value: MmdbValue): void {
  if (isScalar(value)) return writeScalar(out, value);
  if (Array.isArray(value)) {
    writeControl(out, "array", value.length);
    for (const item of value as readonly MmdbValue[]) writeInline(out, item);
    return;
  }
  const entries = entriesOf(value as MmdbMap);
  writeControl(out, "map", entries.length);
  for (const [key, item] of entries) {
    writeInline(out, key);
    writeInline(out, item);
  }
}

const TEXT_ENCODER = new TextEncoder();

function encodeScalar(value: MmdbScalar): Uint8Array {
  const out = new ByteBuffer();
  writeScalar(out, value);
  return out.bytes.slice(0, out.length);
}

function writeScalar(out: ByteBuffer, value: MmdbScalar): void {
  if (typeof value === "boolean") {
    writeControl(out, "boolean", value ? 1 : 0);
  } else if (typeof value === "string") {
    const bytes = TEXT_ENCODER.encode(value);
    writeControl(out, "string", bytes.length);
    out.append(bytes);
  } else if (value instanceof Uint8Array) {
    writeControl(out, "bytes", value.length);
    out.append(value);
  } else {
    writeNumber(out, value instanceof MmdbNumber ? value : typed(value));
  }
}

function typed(value: number | bigint): MmdbNumber {
  if (typeof value === "bigint") return new MmdbNumber(value < 1n << 64n ? "uint64" : "uint128", value);
  if (!Number.isInteger(value)) return new MmdbNumber("double", value);
  if (value < 0) return new MmdbNumber("int32", value);
  return new MmdbNumber(value > 0xffffffff ? "uint64" : "uint32", value);
}

function writeNumber(out: ByteBuffer, number: MmdbNumber): void {
  const view = new DataView(new ArrayBuffer(8));
  if (number.type === "double" || number.type === "float") {
    const size = number.type === "double" ? 8 : 4;
    if (size === 8) view.setFloat64(0, Number(number.value));
    else view.setFloat32(0, Number(number.value));
    writeControl(out, number.type, size);
    return out.append(new Uint8Array(view.buffer, 0, size));
  }
  // Integers drop their leading zero bytes; a negative one keeps all four.
  const bytes = integerBytes(number.type === "int32" ? Number(number.value) >>> 0 : number.value);
  writeControl(out, number.type, bytes.length);
  for (const byte of bytes) out.push(byte);
}

function integerBytes(value: number | bigint): number[] {
  const bytes: number[] = [];
  if (typeof value === "number" && value <= 0xffffffff) {
    for (let rest = value; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
    return bytes;
  }
  for (let rest = BigInt(value); rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return bytes;
}

function writeControl(out: ByteBuffer, type: keyof typeof TYPE_NUMBERS, size: number): void {
  const number = TYPE_NUMBERS[type];
  const short = size < 29 ? size : size < 285 ? 29 : size < 65_821 ? 30 : 31;
  out.push((number > 7 ? 0 : number << 5) | short);
  if (number > 7) out.push(number - 7);
  if (short === 29) return out.push(size - 29);
  if (short < 29) return;
  const rest = short === 30 ? size - 285 : size - 65_821;
  if (short === 31) out.push(rest >>> 16);
  out.push((rest >>> 8) & 0xff);
  out.push(rest & 0xff);
}

function writePointer(out: ByteBuffer, offset: number): void {
  if (offset < 2048) {
    out.push(0x20 | (offset >>> 8));
    return out.push(offset & 0xff);
  }
  const size = offset < 526_336 ? 1 : offset < 134_744_064 ? 2 : 3;
  const rest = size === 1 ? offset - 2048 : size === 2 ? offset - 526_336 : offset;
  out.push(0x20 | (size << 3) | (size === 3 ? 0 : (rest >>> (8 * (size + 1))) & 7));
  for (let shift = 8 * size; shift >= 0; shift -= 8) out.push((rest >>> shift) & 0xff);
}

import { parseAddress, parseIpv4 } from "@ipcascade/core";
import { RowBytes } from "./_row_bytes.ts";

/** What stands before the rows: the signature, no flags, no extension. */
const HEADER = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 10, 0xff, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
/** A count of fields that no row has. */
const END = -1;
/** A length that no value has. */
const NULL = -1;

const IPV4 = 2;
/** On every system one more, as PostgreSQL sends it (`PGSQL_AF_INET6`). */
const IPV6 = 3;
/** Bytes for the family, the bits of the mask, whether it is a `cidr`, and the bytes of the address. */
const ADDRESS_HEAD = 4;

/** How `jsonb` is sent: this version in a byte, then the text. */
const JSONB_VERSION = 1;

/** PostgreSQL's instants count from 2000, in microseconds. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/**
 * Rows as COPY's binary format takes them (PostgreSQL, "COPY", Binary Format), which costs the server less than its text
 * format: it has nothing to cut, and of most types nothing to parse. A row is begun with the count of its fields; the
 * caller adds as many, each of the type that its column has.
 */
export class BinaryRows {
  readonly #bytes: RowBytes;

  /** Room at first, in bytes; it grows by itself. */
  constructor(size: number) {
    this.#bytes = new RowBytes(size);
    this.#bytes.addBytes(HEADER);
  }

  /** Bytes that were not taken yet. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes since the last call, which are good until more is added. */
  take(): Uint8Array {
    return this.#bytes.take();
  }

  /** Ends the COPY. */
  end(): void {
    this.beginRow(END);
  }

  beginRow(fields: number): void {
    this.#bytes.addInt16(fields);
  }

  addNull(): void {
    this.#bytes.addInt32(NULL);
  }

  addBool(value: boolean): void {
    this.#bytes.addInt32(1);
    this.#bytes.addInt8(value ? 1 : 0);
  }

  /** An integer of 32 bits. */
  addInt4(value: number): void {
    this.#bytes.addInt32(4);
    this.#bytes.addInt32(value);
  }

  /** A safe integer, as 64 bits. */
  addInt8(value: number): void {
    this.#bytes.addInt32(8);
    this.#bytes.addInt64(value);
  }

  /** As everywhere else, there is no negative zero. */
  addFloat8(value: number): void {
    this.#bytes.addInt32(8);
    this.#bytes.addFloat64(value + 0);
  }

  /** An instant in whole milliseconds since 1970 UTC, up to the year 2285. */
  addInstant(ms: number): void {
    this.#bytes.addInt32(8);
    this.#bytes.addInt64((ms - EPOCH_MS) * 1000);
  }

  /** An address without a mask. Throws `TypeError` for a text that is none. */
  addAddress(text: string): void {
    const bits = parseIpv4(text);
    if (bits >= 0) {
      this.#addAddressHead(IPV4, 4);
      this.#bytes.addInt32(bits);
      return;
    }
    const address = parseAddress(text);
    if (address?.family !== 6) throw new TypeError(`Cannot store "${text}": it is no canonical address`);
    this.#addAddressHead(IPV6, 16);
    for (const group of address.groups) this.#bytes.addInt16(group);
  }

  addText(text: string): void {
    const start = this.#beginValue();
    this.#bytes.addText(text);
    this.#endValue(start);
  }

  /** A value of a column of the type `jsonb`, whose text `write` adds. */
  addJsonb<Value>(value: Value, write: (value: Value, bytes: RowBytes) => void): void {
    const start = this.#beginValue();
    this.#bytes.addInt8(JSONB_VERSION);
    write(value, this.#bytes);
    this.#endValue(start);
  }

  #addAddressHead(family: number, length: number): void {
    this.#bytes.addInt32(ADDRESS_HEAD + length);
    this.#bytes.addInt8(family);
    this.#bytes.addInt8(length * 8);
    this.#bytes.addInt8(0);
    this.#bytes.addInt8(length);
  }

  /** Leaves room for the length, which is known afterwards. */
  #beginValue(): number {
    this.#bytes.addInt32(NULL);
    return this.#bytes.length;
  }

  #endValue(start: number): void {
    this.#bytes.setInt32(start - 4, this.#bytes.length - start);
  }
}

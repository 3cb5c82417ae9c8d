import { DAMAGED_RECORD, type IpAddress, NO_RECORD } from "@ipcascade/core";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { type CheckedValue, MmdbDecoder } from "./mmdb_decoder.ts";
import { type FoundMetadata, type MmdbMetadata, readMetadata, unreadable } from "./mmdb_metadata.ts";
import { MmdbTree } from "./mmdb_tree.ts";
import type { MmdbFieldReader } from "./mmdb_field_reader.ts";
import type { MmdbPath, MmdbValue } from "./mmdb_value.ts";

/** Zero bytes between the tree and the data section. */
const SEPARATOR_BYTES = 16;

/** Largest data section: its offsets are 31-bit numbers. The largest that are sold have some hundred megabytes. */
const MAX_DATA_BYTES = 2 ** 31 - 2;

/** An open database. It reads the bytes it was opened on in place, so these must not change. */
export class Mmdb {
  /** What the database says about itself. */
  readonly metadata: MmdbMetadata;
  /** Where in the file the data section starts. */
  readonly dataStart: number;
  /** Length of the data section. */
  readonly dataBytes: number;
  readonly #nodeCount: number;
  readonly #tree: MmdbTree;
  readonly #data: Uint8Array;
  readonly #decoder: MmdbDecoder;

  /** For `openMmdb`, which has checked that the parts fit. */
  constructor(metadata: MmdbMetadata, tree: Uint8Array, data: Uint8Array) {
    this.metadata = metadata;
    this.#nodeCount = metadata.nodeCount;
    this.dataStart = tree.length;
    this.dataBytes = data.length;
    this.#tree = new MmdbTree(tree, metadata);
    this.#data = data;
    this.#decoder = new MmdbDecoder(data);
  }

  /**
   * Where in the data section the record of an address begins; -1 when there is none, as for every IPv6 address
   * in an IPv4 database. Throws `MmdbCorruptError` where the tree is damaged.
   */
  findDataOffset(address: IpAddress): number {
    return this.#offsetOf(this.#tree.findRecord(address));
  }

  /** The same for the 32 bits of an IPv4 address. */
  findIpv4Offset(bits: number): number {
    return this.#offsetOf(this.#tree.findIpv4(bits));
  }

  /**
   * The same for many IPv4 addresses: `offsets[i]` becomes what `findIpv4Offset(bits[i])` gives,
   * `DAMAGED_RECORD` where that throws.
   */
  findIpv4Offsets(bits: Uint32Array, count: number, offsets: Int32Array): void {
    // The same bytes: a record is read before its offset is written.
    const records = new Uint32Array(offsets.buffer, offsets.byteOffset, offsets.length);
    this.#tree.findIpv4Many(bits, count, records);
    for (let i = 0; i < count; i++) offsets[i] = this.#tryOffset(records[i]!);
  }

  #tryOffset(record: number): number {
    if (record === this.#nodeCount) return NO_RECORD;
    const offset = record - this.#nodeCount - SEPARATOR_BYTES;
    return this.#isInData(offset) ? offset : DAMAGED_RECORD;
  }

  #isInData(offset: number): boolean {
    return offset >= 0 && offset < this.dataBytes;
  }

  /** Like `findIpv4Offset`, for the eight groups of an IPv6 address that is not IPv4-mapped. */
  findIpv6Offset(groups: ArrayLike<number>): number {
    return this.#offsetOf(this.#tree.findIpv6(groups));
  }

  /** A byte of the record at an offset of the data section; reading it brings the record into the processor's cache. */
  touch(dataOffset: number): number {
    return this.#data[dataOffset]!;
  }

  /** The record at an offset of the data section. Throws `MmdbCorruptError`. */
  decode(dataOffset: number): MmdbValue {
    return this.#decoder.decode(dataOffset);
  }

  /** What reads only what these paths lead to in records, none of which begins with another. */
  openFields(paths: readonly MmdbPath[]): MmdbFieldReader {
    return this.#decoder.openFields(paths);
  }

  /** Makes sure that the record at an offset of the data section can be decoded. Throws `MmdbCorruptError`. */
  check(dataOffset: number): CheckedValue {
    return this.#decoder.check(dataOffset);
  }

  /** One of the two records of a node (side 0 is left), which must be below the node count. */
  readRecord(node: number, side: 0 | 1): number {
    return this.#tree.readRecord(node, side);
  }

  #offsetOf(record: number): number {
    return record === this.#nodeCount ? NO_RECORD : this.toDataOffset(record);
  }

  /** The offset that a record above the node count stands for. Throws `MmdbCorruptError` when there is no such. */
  toDataOffset(record: number): number {
    const offset = record - this.#nodeCount - SEPARATOR_BYTES;
    if (this.#isInData(offset)) return offset;
    throw new MmdbCorruptError("search tree", `record ${record} leads outside the data section`);
  }
}

/**
 * Opens a MaxMind database (format 2.0) that is in memory. Checks the metadata and that tree, separator and data
 * section fit the file; verification checks the rest. Throws `EditionUnreadableError`.
 */
export function openMmdb(bytes: Uint8Array): Mmdb {
  return layOutMmdb(bytes, readMetadata(bytes));
}

/** Opens a database whose metadata was read. Throws `EditionUnreadableError` when its parts don't fit the file. */
export function layOutMmdb(bytes: Uint8Array, { metadata, markerAt }: FoundMetadata): Mmdb {
  const treeBytes = countTreeBytes(metadata);
  const dataStart = treeBytes + SEPARATOR_BYTES;
  if (dataStart > markerAt) {
    throw unreadable(`tree of ${metadata.nodeCount} nodes does not fit: file has ${bytes.length} bytes`);
  }
  const dataBytes = markerAt - dataStart;
  if (dataBytes > MAX_DATA_BYTES) {
    throw unreadable(`data section of ${dataBytes} bytes, at most ${MAX_DATA_BYTES} are read`);
  }
  if (bytes.subarray(treeBytes, dataStart).some((byte) => byte !== 0)) {
    throw unreadable("no separator of zeros after the tree");
  }
  return new Mmdb(metadata, bytes.subarray(0, dataStart), bytes.subarray(dataStart, markerAt));
}

/** Length of the search tree, which starts the file. */
export function countTreeBytes({ nodeCount, recordSize }: MmdbMetadata): number {
  return nodeCount * recordSize / 4;
}

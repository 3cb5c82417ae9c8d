import type { IpAddress } from "@ipcascade/core";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import type { MmdbMetadata } from "./mmdb_metadata.ts";
import { readRecord24, readRecord28, readRecord32 } from "./mmdb_record.ts";
import { MAX_WALKERS, MmdbWalkers, type WalkedTree } from "./mmdb_walkers.ts";

/** Leading bits of an IPv4 address that the root table answers at once: on a City edition of real size it takes
 * 4 MB, and a third of the time of one of 16 bits. */
const TABLE_BITS = 20;

/** Leading bits that places of the table share which are filled together, when the first of them is wanted. */
const BLOCK_BITS = 12;

/** Zero bits before an IPv4 address in an IPv6 tree (`::/96`). */
const IPV4_DEPTH = 96;

/**
 * The search tree of a database. A record is the number of another node when below `nodeCount`, "nothing here"
 * when equal to it, and else says where the data is.
 */
export class MmdbTree {
  readonly #view: DataView;
  readonly #nodeCount: number;
  readonly #recordSize: 24 | 28 | 32;
  readonly #ipVersion: 4 | 6;
  /** The record that an IPv4 address begins at. */
  readonly #ipv4Root: number;
  /** For every first bits of an IPv4 address the record that they lead to; 0 until its block is filled. */
  readonly #ipv4Table = new Uint32Array(1 << TABLE_BITS);

  readonly #walkers = new MmdbWalkers();
  readonly #walked: WalkedTree;

  /** Reads the tree at the start of `bytes`, which must hold all its nodes and the separator after them. */
  constructor(bytes: Uint8Array, metadata: MmdbMetadata) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#nodeCount = metadata.nodeCount;
    this.#recordSize = metadata.recordSize;
    this.#ipVersion = metadata.ipVersion;
    this.#walked = { view: this.#view, recordSize: metadata.recordSize, nodeCount: metadata.nodeCount };
    this.#ipv4Root = this.#findIpv4Root();
  }

  /** The record behind an address; `nodeCount` when there is none. Throws `MmdbCorruptError` when it is a node. */
  findRecord(address: IpAddress): number {
    return address.family === 4 ? this.findIpv4(address.bits) : this.findIpv6(address.groups);
  }

  /** The record behind the 32 bits of an IPv4 address, like `findRecord`. */
  findIpv4(bits: number): number {
    let record = this.#ipv4Table[bits >>> (32 - TABLE_BITS)]!;
    if (record === 0) record = this.#fillBlock(bits);
    if (this.#isInner(record)) record = this.#descend(record, bits << TABLE_BITS, 32 - TABLE_BITS);
    return record >= this.#nodeCount ? record : this.#refuse(record);
  }

  /**
   * The records behind the bits of many IPv4 addresses: `records[i]` becomes what `findIpv4(bits[i])` gives, or a node
   * where that throws.
   */
  findIpv4Many(bits: Uint32Array, count: number, records: Uint32Array): void {
    for (let start = 0; start < count; start += MAX_WALKERS) {
      const end = Math.min(count, start + MAX_WALKERS);
      this.#startWalkers(bits, start, end);
      this.#walkers.walk(this.#walked, end - start, 32 - TABLE_BITS);
      for (let i = start; i < end; i++) records[i] = this.#walkers.records[i - start]!;
    }
  }

  #startWalkers(bits: Uint32Array, start: number, end: number): void {
    const table = this.#ipv4Table;
    const { records, words } = this.#walkers;
    for (let i = start; i < end; i++) {
      const record = table[bits[i]! >>> (32 - TABLE_BITS)]!;
      records[i - start] = record === 0 ? this.#fillBlock(bits[i]!) : record;
      words[i - start] = bits[i]! << TABLE_BITS;
    }
  }

  /** The record behind the eight groups of an IPv6 address, like `findRecord`. */
  findIpv6(groups: ArrayLike<number>): number {
    if (this.#ipVersion === 4) return this.#nodeCount;
    let record = this.#descend(0, groups[0]! << 16, 16);
    for (let i = 1; i < 8 && this.#isInner(record); i++) record = this.#descend(record, groups[i]! << 16, 16);
    return record >= this.#nodeCount ? record : this.#refuse(record);
  }

  /** One of the two records of a node (side 0 is left), for walks over the whole tree. */
  readRecord(node: number, side: number): number {
    return this.#descend(node, side << 31, 1);
  }

  #refuse(record: number): never {
    const state = record === 0 ? "it leads back to its root" : "it is deeper than an address has bits";
    throw new MmdbCorruptError("search tree", state);
  }

  #findIpv4Root(): number {
    if (this.#ipVersion === 4) return 0;
    let record = this.readRecord(0, 0);
    for (let depth = 1; depth < IPV4_DEPTH && this.#isInner(record); depth++) {
      record = this.readRecord(record, 0);
    }
    return record;
  }

  /** Fills the block of an address; returns what its first bits lead to. */
  #fillBlock(bits: number): number {
    const root = this.#ipv4Root;
    const isRoot = this.#ipVersion === 4 || this.#isInner(root);
    const record = isRoot ? this.#descend(root, bits, BLOCK_BITS) : root;
    const first = (bits >>> (32 - BLOCK_BITS)) << (TABLE_BITS - BLOCK_BITS);
    if (this.#isInner(record)) this.#fillTableBelow(record, BLOCK_BITS, first);
    else this.#ipv4Table.fill(record, first, first + (1 << (TABLE_BITS - BLOCK_BITS)));
    return this.#ipv4Table[bits >>> (32 - TABLE_BITS)]!;
  }

  #fillTableBelow(node: number, depth: number, first: number): void {
    const count = 1 << (TABLE_BITS - depth - 1);
    for (const side of [0, 1]) {
      const record = this.readRecord(node, side);
      const start = first + side * count;
      if (count > 1 && this.#isInner(record)) this.#fillTableBelow(record, depth + 1, start);
      else this.#ipv4Table.fill(record, start, start + count);
    }
  }

  /** Tells whether a record leads on. The root is no node's child, but zeroed parts of a file lead there. */
  #isInner(record: number): boolean {
    return record > 0 && record < this.#nodeCount;
  }

  /** Follows up to `count` of the highest bits of `word` from a node on, while the way leads to inner nodes. */
  #descend(node: number, word: number, count: number): number {
    switch (this.#recordSize) {
      case 24:
        return descend24(this.#view, this.#nodeCount - 1, node, word, count);
      case 28:
        return descend28(this.#view, this.#nodeCount - 1, node, word, count);
      case 32:
        return descend32(this.#view, this.#nodeCount - 1, node, word, count);
    }
  }
}

// One loop for each record size. The comparison lets on what is above 0 and below the node count.

function descend24(view: DataView, innerCount: number, node: number, word: number, count: number): number {
  let record = node;
  let bitsLeft = count;
  do {
    record = readRecord24(view, record, word);
    word <<= 1;
  } while (--bitsLeft > 0 && (record - 1) >>> 0 < innerCount);
  return record;
}

function descend28(view: DataView, innerCount: number, node: number, word: number, count: number): number {
  let record = node;
  let bitsLeft = count;
  do {
    record = readRecord28(view, record, word);
    word <<= 1;
  } while (--bitsLeft > 0 && (record - 1) >>> 0 < innerCount);
  return record;
}

function descend32(view: DataView, innerCount: number, node: number, word: number, count: number): number {
  let record = node;
  let bitsLeft = count;
  do {
    record = readRecord32(view, record, word);
    word <<= 1;
  } while (--bitsLeft > 0 && (record - 1) >>> 0 < innerCount);
  return record;
}

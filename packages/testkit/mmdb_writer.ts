import { parseNetwork } from "./address.ts";
import { encodeInline, MmdbDataSection, MmdbNumber, type MmdbValue } from "./mmdb_data.ts";
import { MmdbTree } from "./mmdb_tree.ts";

export { MmdbNumber, type MmdbNumberType, type MmdbValue } from "./mmdb_data.ts";

/** Marks the start of the metadata, which is searched from the end of the file. */
export const MMDB_METADATA_MARKER: Uint8Array = Uint8Array.of(
  0xab,
  0xcd,
  0xef,
  ...new TextEncoder().encode("MaxMind.com"),
);

/** Zero bytes between the tree and the data section. */
const SEPARATOR_BYTES = 16;

/** What a database says about itself. */
export interface MmdbWriterOptions {
  /** For instance `GeoLite2-City`. */
  readonly databaseType: string;
  /** Bits of one record; a node has two. Default 28, as in GeoLite2-City. */
  readonly recordSize?: 24 | 28 | 32;
  /** Default 6, as in every GeoLite2 edition. */
  readonly ipVersion?: 4 | 6;
  /** When the database was built; seconds since 1970 or a date. Default 2026-11-20. */
  readonly buildEpoch?: number | Date;
  /** By language. */
  readonly description?: Readonly<Record<string, string>>;
  /** Languages that names come in. Default `["en"]`. */
  readonly languages?: readonly string[];
  /** Whether `::ffff:0:0/96` and `2002::/16` lead to the IPv4 tree. Default true. */
  readonly aliases?: boolean;
  /** What the metadata says besides, or instead; a key that is undefined is left out. */
  readonly metadata?: Readonly<Record<string, MmdbValue | undefined>>;
}

/** A data record that was stored once and can be inserted under many networks. */
export type MmdbRecordId = number;

/** Where the parts of a written database lie, in bytes from the start of the file. */
export interface MmdbLayout {
  /** Nodes of the tree. */
  readonly nodeCount: number;
  /** Bits of one record. */
  readonly recordSize: 24 | 28 | 32;
  /** Length of the tree, which comes first. */
  readonly treeBytes: number;
  /** Where the data section starts. */
  readonly dataStart: number;
  /** Length of the data section. */
  readonly dataBytes: number;
  /** Where the metadata starts, its marker excluded. */
  readonly metadataStart: number;
}

/**
 * Writes MaxMind databases (format 2.0) for tests: `insert` networks, then `toBytes`.
 *
 * Fast path for millions of networks: `addRecord` once a record, `insertIpv4` with numbers; parts shared
 * between records should be frozen objects, which are then recognised without encoding them again.
 */
export class MmdbWriter {
  readonly #options: MmdbWriterOptions;
  readonly #tree: MmdbTree;
  readonly #data = new MmdbDataSection();
  readonly #offsets: number[] = [];
  readonly #idByOffset = new Map<number, MmdbRecordId>();
  #layout: MmdbLayout | undefined;

  /** An empty database. */
  constructor(options: MmdbWriterOptions) {
    this.#options = options;
    this.#tree = new MmdbTree(options.ipVersion ?? 6);
  }

  /** Puts a value under a network such as `1.2.3.0/24`; a later network wins over an earlier one. */
  insert(network: string, value: MmdbValue): this {
    const { bytes, prefixLength } = parseNetwork(network);
    return this.insertRecord(bytes, prefixLength, this.addRecord(value));
  }

  /** Stores a value, equal values once. */
  addRecord(value: MmdbValue): MmdbRecordId {
    const offset = this.#data.store(value);
    const known = this.#idByOffset.get(offset);
    if (known !== undefined) return known;
    const id = this.#offsets.push(offset) - 1;
    this.#idByOffset.set(offset, id);
    return id;
  }

  /** Puts a stored record under a network of 4 or 16 bytes. */
  insertRecord(bytes: Uint8Array, prefixLength: number, record: MmdbRecordId): this {
    this.#requireUnwritten();
    this.#tree.set(bytes, prefixLength, record);
    return this;
  }

  /** Puts a stored record under an IPv4 network given as an unsigned 32-bit number. */
  insertIpv4(address: number, prefixLength: number, record: MmdbRecordId): this {
    this.#requireUnwritten();
    this.#tree.setIpv4(address, prefixLength, record);
    return this;
  }

  /** Writes the file. Nothing can be inserted afterwards. Throws a `RangeError` when a record is too small. */
  toBytes(): Uint8Array {
    if (this.#layout === undefined && this.#options.aliases !== false) this.#tree.aliasIpv4();
    const recordSize = this.#options.recordSize ?? 28;
    const numbering = numberNodes(this.#tree.records);
    const data = this.#data.bytes;
    const metadata = encodeInline(this.#metadata(numbering.order.length));
    const treeBytes = numbering.order.length * (recordSize / 4);
    const highest = numbering.order.length + SEPARATOR_BYTES + data.length;
    if (highest >= 2 ** recordSize) {
      throw new RangeError(`Cannot write database: ${highest} does not fit records of ${recordSize} bits`);
    }
    const dataStart = treeBytes + SEPARATOR_BYTES;
    const metadataStart = dataStart + data.length + MMDB_METADATA_MARKER.length;
    const out = new Uint8Array(metadataStart + metadata.length);
    writeTree(out, { ...numbering, records: this.#tree.records, offsets: this.#offsets, recordSize });
    out.set(data, dataStart);
    out.set(MMDB_METADATA_MARKER, dataStart + data.length);
    out.set(metadata, metadataStart);
    this.#layout = {
      nodeCount: numbering.order.length,
      recordSize,
      treeBytes,
      dataStart,
      dataBytes: data.length,
      metadataStart,
    };
    return out;
  }

  /** Where the parts of the written file lie. Throws before `toBytes`. */
  get layout(): MmdbLayout {
    if (this.#layout === undefined) {
      throw new Error("Cannot tell the layout: the database is not written yet");
    }
    return this.#layout;
  }

  #requireUnwritten(): void {
    if (this.#layout === undefined) return;
    throw new Error("Cannot insert network: the database is already written");
  }

  #metadata(nodeCount: number): MmdbValue {
    const { buildEpoch = Date.UTC(2026, 10, 20) / 1000, databaseType } = this.#options;
    const epoch = typeof buildEpoch === "number" ? buildEpoch : Math.floor(buildEpoch.getTime() / 1000);
    return {
      binary_format_major_version: new MmdbNumber("uint16", 2),
      binary_format_minor_version: new MmdbNumber("uint16", 0),
      build_epoch: new MmdbNumber("uint64", epoch),
      database_type: databaseType,
      description: this.#options.description ?? { en: `${databaseType} database for tests` },
      ip_version: new MmdbNumber("uint16", this.#options.ipVersion ?? 6),
      languages: this.#options.languages ?? ["en"],
      node_count: nodeCount,
      record_size: new MmdbNumber("uint16", this.#options.recordSize ?? 28),
      ...this.#options.metadata,
    };
  }
}

interface Numbering {
  /** Old node numbers in the order of the file. */
  readonly order: Int32Array;
  /** Old node number to new one. */
  readonly numbers: Int32Array;
}

/** Numbers the nodes that can be reached, depth first, as MaxMind's own writer does. */
function numberNodes(records: Int32Array): Numbering {
  const nodeCount = records.length / 2;
  const order = new Int32Array(nodeCount);
  const numbers = new Int32Array(nodeCount).fill(-1);
  const stack = [0];
  let count = 0;
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (numbers[node] !== -1) continue;
    order[count] = node;
    numbers[node] = count++;
    const [left, right] = [records[node * 2]!, records[node * 2 + 1]!];
    if (right > 0) stack.push(right);
    if (left > 0) stack.push(left);
  }
  return { order: order.subarray(0, count), numbers };
}

interface TreeSource extends Numbering {
  readonly records: Int32Array;
  readonly offsets: readonly number[];
  readonly recordSize: 24 | 28 | 32;
}

function writeTree(out: Uint8Array, source: TreeSource): void {
  const { order, numbers, records, offsets, recordSize } = source;
  const nodeBytes = recordSize / 4;
  const valueOf = (record: number): number => {
    if (record > 0) return numbers[record]!;
    if (record === 0) return order.length;
    return order.length + SEPARATOR_BYTES + offsets[-1 - record]!;
  };
  for (let index = 0; index < order.length; index++) {
    const node = order[index]!;
    writeNode(
      out,
      index * nodeBytes,
      recordSize,
      valueOf(records[node * 2]!),
      valueOf(records[node * 2 + 1]!),
    );
  }
}

function writeNode(out: Uint8Array, at: number, recordSize: number, left: number, right: number): void {
  const rightAt = at + (recordSize === 24 ? 3 : 4);
  if (recordSize === 32) {
    out[at] = left >>> 24;
    out[rightAt] = right >>> 24;
    writeThree(out, at + 1, left);
    return writeThree(out, rightAt + 1, right);
  }
  writeThree(out, at, left);
  writeThree(out, rightAt, right);
  // The middle byte holds the top four bits of both.
  if (recordSize === 28) out[at + 3] = ((left >>> 24) << 4) | (right >>> 24);
}

function writeThree(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 16;
  out[at + 1] = value >>> 8;
  out[at + 2] = value;
}

import type { Mmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MAX_RECORD_VALUES } from "./mmdb_cursor.ts";
import { formatNetwork } from "./mmdb_network.ts";

/** Something in a database that breaks the format. */
export interface MmdbDamage {
  /** Whether a record of the search tree is wrong, or a data record that it leads to. */
  readonly part: "tree" | "record";
  /** For people. */
  readonly message: string;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** The network concerned in CIDR notation; null in a part of the tree that no path leads to. */
  readonly network: string | null;
}

/** What a walk is about. */
export interface MmdbWalkOptions {
  /** Gets every damage as it is found. */
  readonly onDamage: (damage: MmdbDamage) => void;
  /** Whether a record that is no map is a damage; the format allows it, editions have none. */
  readonly needsMaps?: boolean;
}

/**
 * Steps that checking may take for a byte of the data section. MaxMind's test databases and editions of real size
 * were measured at 0.4 to 0.7; only records that are made to overlap take many.
 */
const MAX_STEPS_PER_BYTE = 8;

/** Steps that any database may take. */
const MIN_ALLOWED_STEPS = 1_000_000;

/** Steps that a record counts for that could not be checked to its end. */
const MAX_FAILED_STEPS = MAX_RECORD_VALUES;

/** States of a node, besides the height of what is below it. */
const UNSEEN = 0;
const OPEN = 255;

/** One of the two records of a node. */
interface RecordPlace {
  readonly node: number;
  readonly side: number;
}

/**
 * Walks the whole search tree from its root and checks every record that it leads to, in as small parts as the
 * caller likes. Each node is entered once and each record checked once, whatever the bytes are; a damaged part is
 * reported and left out. Takes a byte a node and a bit for each byte of data.
 */
export class MmdbWalk {
  /** Nodes entered so far. */
  nodes = 0;
  /** Places in the tree that lead to a record, so far; what aliases lead to is counted once. */
  networks = 0;
  /** Distinct records checked so far. */
  records = 0;
  readonly #mmdb: Mmdb;
  readonly #options: MmdbWalkOptions;
  readonly #bits: number;
  /** Of each node: `UNSEEN`, `OPEN` while it is on the path, and then its height. */
  readonly #states: Uint8Array;
  /** A bit for every offset of the data section whose record was checked. */
  readonly #isChecked: Uint8Array;
  #stepsLeft: number;
  /** The path: its nodes, the sides taken, the sides to take next, and the heights of what is below so far. */
  readonly #path: Uint32Array;
  readonly #sides: Uint8Array;
  readonly #nextSides: Uint8Array;
  readonly #heights: Uint8Array;
  #depth = 0;
  /** After the walk from the root: the next node that may be one which no path led to, and where to stop. */
  #leftover = 0;
  #leftoverEnd = 0;

  /** Starts at the root. */
  constructor(mmdb: Mmdb, options: MmdbWalkOptions) {
    const { nodeCount, ipVersion } = mmdb.metadata;
    this.#mmdb = mmdb;
    this.#options = options;
    this.#bits = ipVersion === 4 ? 32 : 128;
    this.#states = new Uint8Array(nodeCount);
    this.#isChecked = new Uint8Array((mmdb.dataBytes >>> 3) + 1);
    this.#stepsLeft = Math.max(MIN_ALLOWED_STEPS, mmdb.dataBytes * MAX_STEPS_PER_BYTE);
    this.#path = new Uint32Array(this.#bits);
    this.#sides = new Uint8Array(this.#bits);
    this.#nextSides = new Uint8Array(this.#bits);
    this.#heights = new Uint8Array(this.#bits);
    this.#open(0, 0);
  }

  /** Whether there is nothing left to do. */
  get isDone(): boolean {
    return this.#depth < 0 && this.#leftover >= this.#leftoverEnd;
  }

  /** Goes on for about so many steps: a node is one, and so is a value of a record. */
  advance(steps: number): void {
    let left = steps;
    while (left > 0 && this.#depth >= 0) left -= this.#step();
    while (left > 0 && !this.isDone) left -= this.#checkLeftover(this.#leftover++);
  }

  #step(): number {
    const depth = this.#depth;
    const node = this.#path[depth]!;
    const side = this.#nextSides[depth]!;
    if (side === 2) {
      this.#close(node, depth);
      return 1;
    }
    this.#nextSides[depth] = side + 1;
    this.#sides[depth] = side;
    const nodeCount = this.#states.length;
    const record = this.#mmdb.readRecord(node, side === 0 ? 0 : 1);
    if (record < nodeCount) this.#enter(record, depth);
    return record > nodeCount ? this.#visit(record) : 1;
  }

  #open(node: number, depth: number): void {
    this.#depth = depth;
    this.#path[depth] = node;
    this.#nextSides[depth] = 0;
    this.#heights[depth] = 0;
    this.#states[node] = OPEN;
    this.nodes++;
  }

  #close(node: number, depth: number): void {
    const height = this.#heights[depth]! + 1;
    this.#states[node] = height;
    this.#depth = depth - 1;
    if (depth > 0) this.#raise(depth - 1, height);
    else if (this.nodes < this.#states.length) this.#leftoverEnd = this.#states.length;
  }

  /** No look-up gets there, but a sound file has no damage anywhere. */
  #checkLeftover(node: number): number {
    if (this.#states[node] !== UNSEEN) return 1;
    for (const side of [0, 1] as const) {
      const record = this.#mmdb.readRecord(node, side);
      if (record === 0) this.#reportTree("it leads back to the root", { node, side });
      else if (record > this.#states.length) this.#toDataOffset(record, { node, side });
    }
    return 2;
  }

  #raise(depth: number, height: number): void {
    if (height > this.#heights[depth]!) this.#heights[depth] = height;
  }

  #enter(node: number, depth: number): void {
    const state = this.#states[node]!;
    if (state === OPEN) {
      const target = node === 0 ? "the root" : `node ${node}`;
      return this.#reportTree(`it leads back to ${target}`);
    }
    // An alias leads to a part that was seen already: its height tells whether it fits here, too.
    const height = state === UNSEEN ? 1 : state;
    if (depth + 1 + height > this.#bits) {
      return this.#reportTree("it is deeper than an address has bits");
    }
    if (state === UNSEEN) this.#open(node, depth + 1);
    else this.#raise(depth, state);
  }

  #visit(record: number): number {
    const offset = this.#toDataOffset(record);
    if (offset < 0) return 1;
    this.networks++;
    const bit = 1 << (offset & 7);
    if ((this.#isChecked[offset >>> 3]! & bit) !== 0) return 1;
    this.#isChecked[offset >>> 3]! |= bit;
    this.records++;
    const steps = this.#check(offset) + 1;
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) this.#giveUp(offset);
    return steps;
  }

  #toDataOffset(record: number, place?: RecordPlace): number {
    try {
      return this.#mmdb.toDataOffset(record);
    } catch (error) {
      this.#reportTree(stateOf(error), place);
      return -1;
    }
  }

  #check(offset: number): number {
    try {
      const { isMap, work } = this.#mmdb.check(offset);
      if (!isMap && this.#options.needsMaps) this.#reportRecord(offset, "it is no map");
      return work;
    } catch (error) {
      this.#reportRecord(offset, stateOf(error), error instanceof MmdbCorruptError ? error.dataOffset : null);
      return MAX_FAILED_STEPS;
    }
  }

  #giveUp(offset: number): void {
    this.#reportRecord(offset, `records take more than ${MAX_STEPS_PER_BYTE} steps for a byte of data`);
    this.#depth = -1;
  }

  #reportTree(state: string, place: RecordPlace = this.#place()): void {
    const { recordSize } = this.#mmdb.metadata;
    const { node, side } = place;
    // The middle byte of 28-bit records belongs to both.
    const offset = node * recordSize / 4 + side * (recordSize >>> 3);
    const network = this.#depth < 0 ? null : this.#network();
    this.#options.onDamage({ part: "tree", message: `Search tree is damaged: ${state}`, offset, network });
  }

  #reportRecord(offset: number, state: string, damageOffset: number | null = null): void {
    const { dataStart } = this.#mmdb;
    this.#options.onDamage({
      part: "record",
      message: `Record at ${dataStart + offset} is damaged: ${state}`,
      offset: dataStart + (damageOffset ?? offset),
      network: this.#network(),
    });
  }

  #place(): RecordPlace {
    return { node: this.#path[this.#depth]!, side: this.#sides[this.#depth]! };
  }

  #network(): string {
    return formatNetwork(this.#sides, this.#depth + 1, this.#mmdb.metadata.ipVersion);
  }
}

function stateOf(error: unknown): string {
  if (error instanceof MmdbCorruptError) return error.state;
  throw error;
}

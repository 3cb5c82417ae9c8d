/** Depth at which the IPv4 tree hangs in an IPv6 tree: `::/96`. */
const IPV4_DEPTH = 96;

/**
 * The binary search tree of a MaxMind database while it grows. A record is `0` (empty), a node number, or
 * `-1 - id` for the data record `id`. Two `Int32Array` cells a node keep millions of nodes small.
 */
export class MmdbTree {
  #records = new Int32Array(2048);
  #nodeCount = 1;
  readonly #ipVersion: 4 | 6;
  #ipv4Root = 0;

  /** An empty tree. With version 6, IPv4 networks go under `::/96`. */
  constructor(ipVersion: 4 | 6) {
    this.#ipVersion = ipVersion;
  }

  /** Nodes in use, the ones that later networks cut off included. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** The two records of every node. */
  get records(): Int32Array {
    return this.#records.subarray(0, this.#nodeCount * 2);
  }

  /** Puts a data record under an IPv4 network given as an unsigned 32-bit number. */
  setIpv4(address: number, prefixLength: number, id: number): void {
    let node = this.#openIpv4Root();
    if (prefixLength === 0) return this.#setZeroLength(id);
    for (let bit = 0; bit < prefixLength - 1; bit++) {
      node = this.#descend(node * 2 + ((address >>> (31 - bit)) & 1));
    }
    this.#records[node * 2 + ((address >>> (32 - prefixLength)) & 1)] = -1 - id;
  }

  /** Puts a data record under a network of 4 or 16 bytes; what was there before is replaced. */
  set(bytes: Uint8Array, prefixLength: number, id: number): void {
    if (bytes.length === 4) {
      const address = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
      return this.setIpv4(address, prefixLength, id);
    }
    if (this.#ipVersion === 4) throw new TypeError("Cannot insert an IPv6 network: the database holds IPv4");
    if (prefixLength === 0) throw new RangeError('Cannot insert "::/0": the root has no record');
    this.#setRecord(bytes, prefixLength, -1 - id);
    if (prefixLength <= IPV4_DEPTH) this.#ipv4Root = 0;
  }

  /** Makes `::ffff:0:0/96` and `2002::/16` lead to the IPv4 tree, as in MaxMind's own editions. */
  aliasIpv4(): void {
    if (this.#ipVersion === 4) return;
    let node = 0;
    for (let bit = 0; bit < IPV4_DEPTH; bit++) {
      node = this.#records[node * 2]!;
      if (node <= 0) return;
    }
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0);
    const sixToFour = Uint8Array.of(0x20, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    this.#setRecord(mapped, 96, node);
    this.#setRecord(sixToFour, 16, node);
  }

  #setRecord(bytes: Uint8Array, prefixLength: number, record: number): void {
    let node = 0;
    for (let bit = 0; bit < prefixLength - 1; bit++) node = this.#descend(node * 2 + bitOf(bytes, bit));
    this.#records[node * 2 + bitOf(bytes, prefixLength - 1)] = record;
  }

  #openIpv4Root(): number {
    if (this.#ipVersion === 4) return 0;
    if (this.#ipv4Root !== 0) return this.#ipv4Root;
    let node = 0;
    for (let bit = 0; bit < IPV4_DEPTH; bit++) node = this.#descend(node * 2);
    this.#ipv4Root = node;
    return node;
  }

  #setZeroLength(id: number): void {
    const root = this.#openIpv4Root();
    this.#records[root * 2] = -1 - id;
    this.#records[root * 2 + 1] = -1 - id;
  }

  /** The node behind a record; an empty or a data record is split into one first. */
  #descend(cell: number): number {
    const record = this.#records[cell]!;
    if (record > 0) return record;
    if ((this.#nodeCount + 1) * 2 > this.#records.length) this.#grow();
    const node = this.#nodeCount++;
    this.#records[node * 2] = record;
    this.#records[node * 2 + 1] = record;
    this.#records[cell] = node;
    return node;
  }

  #grow(): void {
    const larger = new Int32Array(this.#records.length * 2);
    larger.set(this.#records);
    this.#records = larger;
  }
}

function bitOf(bytes: Uint8Array, bit: number): number {
  return (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1;
}

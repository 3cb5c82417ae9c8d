import { assertEquals, assertGreater } from "@std/assert";
import { DAMAGED_RECORD } from "@ipcascade/core";
import { FakeRandom, MmdbWriter } from "@ipcascade/testkit";
import fc from "fast-check";
import { type Mmdb, openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MAX_WALKERS } from "./mmdb_walkers.ts";
import { treeOf } from "./_test_tree.ts";

/** What looking each up by itself gives. */
function oneByOne(mmdb: Mmdb, bits: Uint32Array): number[] {
  return Array.from(bits, (one) => {
    try {
      return mmdb.findIpv4Offset(one);
    } catch (error) {
      if (error instanceof MmdbCorruptError) return DAMAGED_RECORD;
      throw error;
    }
  });
}

function together(mmdb: Mmdb, bits: Uint32Array): number[] {
  const offsets = new Int32Array(bits.length);
  mmdb.findIpv4Offsets(bits, bits.length, offsets);
  return [...offsets];
}

for (const recordSize of [24, 28, 32] as const) {
  for (const ipVersion of [4, 6] as const) {
    Deno.test(`Mmdb.findIpv4Offsets() finds in records of ${recordSize} bits for IPv${ipVersion} what findIpv4Offset() does, damage included`, () => {
      const network = fc.record({ bits: fc.nat(0xffffffff), length: fc.integer({ min: 1, max: 32 }) });
      let damaged = 0;
      fc.assert(
        fc.property(
          fc.array(network, { maxLength: 60 }),
          fc.nat(0x7fffffff),
          fc.nat(30),
          (networks, seed, flips) => {
            const random = new FakeRandom(seed);
            const writer = new MmdbWriter({ databaseType: "Test", recordSize, ipVersion });
            for (const [value, { bits, length }] of networks.entries()) {
              writer.insertIpv4(bits, length, writer.addRecord({ value }));
            }
            const bytes = writer.toBytes();
            const treeBytes = openMmdb(bytes).dataStart - 16;
            for (let i = 0; i < flips && treeBytes > 0; i++) {
              bytes[random.below(treeBytes)]! ^= 1 << random.below(8);
            }
            const bits = Uint32Array.from(
              { length: 1 + random.below(2 * MAX_WALKERS + 2) },
              () =>
                networks.length > 0 && random.next() < 0.7
                  ? random.pick(networks).bits ^ random.below(16)
                  : random.below(2 ** 32),
            );
            const expected = oneByOne(openMmdb(bytes), bits);
            const mmdb = openMmdb(bytes);
            for (let time = 0; time < 2; time++) assertEquals(together(mmdb, bits), expected);
            damaged += expected.filter((offset) => offset === DAMAGED_RECORD).length;
          },
        ),
        { numRuns: 40 },
      );
      assertGreater(damaged, 0);
    });
  }
}

Deno.test("Mmdb.findIpv4Offsets() tells damage where the tree leads back to its root or has no end", () => {
  // Node 0 leads right to itself by record 0; node 1 leads left to itself.
  for (const records of [[[1, 0], [2, 2]], [[1, 2], [1, 2]]] as const) {
    const mmdb = openMmdb(treeOf(records));
    const bits = Uint32Array.of(0, 0x80000000, 0xffffffff, 0x01020304);
    assertEquals(together(mmdb, bits), oneByOne(mmdb, bits));
    assertEquals(together(mmdb, bits).includes(DAMAGED_RECORD), true);
  }
});

Deno.test("Mmdb.findIpv4Offsets() follows 32 bits, and no more", () => {
  for (const depth of [32, 33]) {
    const records = Array.from(
      { length: depth },
      (_, node) => [node + 1 < depth ? node + 1 : depth + 16, depth] as const,
    );
    const mmdb = openMmdb(treeOf(records));
    const bits = Uint32Array.of(0, 1, 0x80000000);
    assertEquals(together(mmdb, bits), depth === 32 ? [0, -1, -1] : [DAMAGED_RECORD, -1, -1]);
    assertEquals(together(mmdb, bits), oneByOne(mmdb, bits));
  }
});

Deno.test("Mmdb.findIpv4Offsets() writes into a part of a larger memory", () => {
  const memory = new Int32Array(8).fill(77);
  openMmdb(treeOf([[17, 1]])).findIpv4Offsets(Uint32Array.of(0, 2 ** 31), 2, memory.subarray(3, 6));
  assertEquals([...memory], [77, 77, 77, 0, -1, 77, 77, 77]);
});

Deno.test("Mmdb.findIpv4Offsets() writes no more than it was asked for", () => {
  const offsets = new Int32Array(4).fill(77);
  openMmdb(treeOf([[1, 1]])).findIpv4Offsets(Uint32Array.of(1, 2, 3, 4), 2, offsets);
  assertEquals([...offsets], [-1, -1, 77, 77]);
});

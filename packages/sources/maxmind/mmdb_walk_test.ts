import { assert, assertEquals, assertLess } from "@std/assert";
import { MmdbWriter } from "@ipcascade/testkit";
import fc from "fast-check";
import { treeOf } from "./_test_tree.ts";
import { openMmdb } from "./mmdb.ts";
import { type MmdbDamage, MmdbWalk } from "./mmdb_walk.ts";

function walk(bytes: Uint8Array, steps = 1_000): { readonly walk: MmdbWalk; readonly damages: MmdbDamage[] } {
  const damages: MmdbDamage[] = [];
  const walk = new MmdbWalk(openMmdb(bytes), { onDamage: (damage) => damages.push(damage) });
  while (!walk.isDone) walk.advance(steps);
  return { walk, damages };
}

Deno.test("MmdbWalk counts what aliases lead to once", () => {
  const counts = [true, false].map((aliases) => {
    const writer = new MmdbWriter({ databaseType: "Test", aliases }).insert("1.0.0.0/8", { a: 1 })
      .insert("2.0.0.0/8", { a: 1 }).insert("2a00::/16", { a: 2 });
    const { walk: { networks, records }, damages } = walk(writer.toBytes());
    return { networks, records, damages: damages.length };
  });
  assertEquals(counts, [{ networks: 3, records: 2, damages: 0 }, { networks: 3, records: 2, damages: 0 }]);
});

Deno.test("MmdbWalk finds the same whatever the size of its parts", () => {
  const bytes = treeOf([[1, 3], [2, 19], [0, 70]]);
  for (const steps of [1, 2, 7, Infinity]) {
    assertEquals(walk(bytes, steps).damages.map(({ offset, network }) => ({ offset, network })), [
      { offset: 12, network: "0.0.0.0/3" },
      { offset: 15, network: "32.0.0.0/3" },
    ]);
  }
});

Deno.test("MmdbWalk goes on behind a damage, and names each one's place", () => {
  // With 4 nodes, 4 is nothing, 5 lies in the separator, 20 is the map and 21 behind the data section.
  const { damages, walk: { networks } } = walk(treeOf([[1, 2], [5, 20], [3, 21], [2, 20]]));
  assertEquals(damages.map(({ message, offset, network }) => [message, offset, network]), [
    ["Search tree is damaged: record 5 leads outside the data section", 6, "0.0.0.0/2"],
    ["Search tree is damaged: it leads back to node 2", 18, "128.0.0.0/3"],
    ["Search tree is damaged: record 21 leads outside the data section", 15, "192.0.0.0/2"],
  ]);
  assertEquals(networks, 2);
});

Deno.test("MmdbWalk looks at nodes that no path leads to", () => {
  const sound = walk(treeOf([[2, 2], [18, 2]]));
  assertEquals([sound.walk.nodes, sound.damages], [1, []]);
  const { damages } = walk(treeOf([[2, 2], [0, 90]]));
  assertEquals(damages.map(({ offset, network }) => [offset, network]), [[6, null], [9, null]]);
});

Deno.test("MmdbWalk enters a node once, however many paths lead there", () => {
  const { walk: { nodes, networks }, damages } = walk(
    treeOf(Array.from({ length: 32 }, (_, node) => node < 31 ? [node + 1, node + 1] : [48, 48])),
  );
  assertEquals([nodes, networks, damages], [32, 2, []]);
});

Deno.test("MmdbWalk refuses records that overlap so that checking them would take for ever", () => {
  // A text of a megabyte begins at every fourth byte, all within each other.
  const data = new Uint8Array(1_100_000).fill(0x20);
  const levels = 12;
  const nodeCount = 2 ** levels - 1;
  for (let index = 0; index <= nodeCount; index++) data.set([0x5f, 0x0e, 0x20, 0x20], index * 4);
  const records = Array.from({ length: nodeCount }, (_, node) => {
    const left = node * 2 + 1;
    const leaf = (child: number) => child < nodeCount ? child : nodeCount + 16 + (child - nodeCount) * 4;
    return [leaf(left), leaf(left + 1)] as const;
  });
  const { walk: { records: checked }, damages } = walk(treeOf(records, data));
  assertEquals(damages.length, 1);
  assert(damages[0]!.message.includes("steps for a byte"), damages[0]!.message);
  assertLess(checked, 1_000);
});

Deno.test("MmdbWalk counts the networks and the distinct records of any database", () => {
  const entries = fc.dictionary(
    fc.tuple(fc.nat(255), fc.nat(255)).map(([first, second]) => `${first}.${second}.0.0/16`),
    fc.record({
      name: fc.string(),
      list: fc.array(fc.oneof(fc.string(), fc.boolean(), fc.integer())),
    }),
  );
  fc.assert(
    fc.property(
      entries,
      fc.constantFrom(24, 28, 32),
      fc.constantFrom(4, 6),
      (networks, recordSize, ipVersion) => {
        const writer = new MmdbWriter({ databaseType: "Test", recordSize, ipVersion });
        for (const [network, record] of Object.entries(networks)) writer.insert(network, record);
        const { walk: { networks: found, records, nodes }, damages } = walk(writer.toBytes());
        assertEquals(damages, []);
        assertEquals([found, nodes], [Object.keys(networks).length, writer.layout.nodeCount]);
        const distinct = new Set(Object.values(networks).map((record) => JSON.stringify(record)));
        assertEquals(records, distinct.size);
      },
    ),
  );
});

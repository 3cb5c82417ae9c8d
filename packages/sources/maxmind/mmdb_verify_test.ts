import { assertEquals, assertThrows } from "@std/assert";
import { EditionUnreadableError } from "@ipcascade/core";
import {
  buildEdition,
  damageEdition,
  EDITION_DAMAGES,
  type EditionDamage,
  MmdbWriter,
} from "@ipcascade/testkit";
import { treeOf } from "./_test_tree.ts";
import { openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { verifyMmdb } from "./mmdb_verify.ts";

Deno.test("verifyMmdb() counts nodes and records", () => {
  const writer = new MmdbWriter({ databaseType: "Test" })
    .insert("1.0.0.0/8", { a: 1 })
    .insert("2.0.0.0/8", { a: 2 })
    .insert("2a00::/16", { a: 1 });
  const bytes = writer.toBytes();
  assertEquals(verifyMmdb(openMmdb(bytes)), {
    nodes: writer.layout.nodeCount,
    networks: 3,
    records: 2,
  });
});

for (const id of ["GeoLite2-City", "GeoLite2-ASN"] as const) {
  for (const recordSize of [24, 28, 32] as const) {
    Deno.test(`verifyMmdb() finds a sound ${id} with records of ${recordSize} bits sound`, () => {
      verifyMmdb(openMmdb(buildEdition(id, { recordSize })));
    });
  }
}

const STATES: Readonly<Record<EditionDamage, RegExp>> = {
  zeroed_head: /leads back to the root/,
  cut_middle: /does not fit|no separator|leads outside|Cannot decode|deeper than/,
  flipped_tree: /leads outside/,
  cyclic_tree: /leads back to the root/,
  cyclic_pointer: /nested more than/,
  deep_nesting: /nested more than/,
  oversized_array: /section ends/,
  bad_utf8: /not valid UTF-8/,
  truncated: /no metadata/,
  no_metadata: /no metadata|metadata is damaged/,
  html: /no metadata/,
  empty: /no metadata/,
};

for (const damage of EDITION_DAMAGES) {
  for (const recordSize of [24, 28, 32] as const) {
    Deno.test(`openMmdb() or verifyMmdb() refuses ${damage} in records of ${recordSize} bits`, () => {
      const bytes = damageEdition(buildEdition("GeoLite2-City", { recordSize }), damage);
      const error = assertThrows(() => verifyMmdb(openMmdb(bytes))) as Error;
      const isTyped = error instanceof EditionUnreadableError || error instanceof MmdbCorruptError;
      assertEquals(isTyped && STATES[damage].test(error.message), true, `${error.name}: ${error.message}`);
    });
  }
}

Deno.test("verifyMmdb() refuses a circle away from the root", () => {
  // With three nodes, 3 is "nothing" and 19 the data.
  assertEquals(verifyMmdb(openMmdb(treeOf([[1, 3], [2, 19], [3, 3]]))), {
    nodes: 3,
    networks: 1,
    records: 1,
  });
  const circle = openMmdb(treeOf([[1, 3], [2, 19], [3, 1]]));
  assertThrows(() => verifyMmdb(circle), MmdbCorruptError, "leads back to node 1");
});

Deno.test("verifyMmdb() refuses a tree that is one level deeper than an address", () => {
  const chain = (length: number) => treeOf(Array.from({ length }, (_, node) => [node + 1, length] as const));
  assertEquals(verifyMmdb(openMmdb(chain(32))).nodes, 32);
  assertThrows(() => verifyMmdb(openMmdb(chain(33))), MmdbCorruptError, "deeper than an address has bits");
});

Deno.test("verifyMmdb() refuses a tree whose shared part is too deep on one of two ways", () => {
  // Nodes 1 to 32 are a chain; the root enters it in its middle on one side and at its start on the other.
  const chain = Array.from({ length: 32 }, (_, index) => [index + 2, 33] as const);
  for (const root of [[1, 20], [20, 1]] as const) {
    const mmdb = openMmdb(treeOf([root, ...chain]));
    assertThrows(() => verifyMmdb(mmdb), MmdbCorruptError, "deeper than an address has bits");
  }
  assertEquals(verifyMmdb(openMmdb(treeOf([[2, 20], ...chain]))).nodes, 33);
});

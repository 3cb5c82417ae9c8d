import { assertEquals, assertThrows } from "@std/assert";
import { EditionUnreadableError } from "@ipcascade/core";
import {
  buildEdition,
  damageEdition,
  EDITION_DAMAGES,
  type EditionDamage,
  MmdbWriter,
} from "@ipcascade/testkit";
import { openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { verifyMmdb } from "./mmdb_verify.ts";

Deno.test("verifyMmdb() counts nodes and records", () => {
  const writer = new MmdbWriter({ databaseType: "Test" })
    .insert("1.0.0.0/8", { a: 1 })
    .insert("2.0.0.0/8", { a: 2 })
    .insert("2a00::/16", { a: 1 });
  const bytes = writer.toBytes();
  assertEquals(verifyMmdb(openMmdb(bytes)), { nodes: writer.layout.nodeCount, records: 2 });
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

/** A tree of 24-bit records, given as pairs, over a data section that is one empty map. */
function treeOf(...records: readonly (readonly [left: number, right: number])[]): Uint8Array {
  const metadata = new MmdbWriter({ databaseType: "Test", ipVersion: 4, recordSize: 24 }).insert(
    "0.0.0.0/1",
    {},
  );
  const bytes = metadata.toBytes();
  // The written tree has one node; its metadata says so, in one byte.
  const { dataStart } = metadata.layout;
  const tail = bytes.slice(dataStart);
  const key = new TextEncoder().encode("node_count");
  const at = tail.findIndex((_, index) => key.every((byte, i) => tail[index + i] === byte)) + key.length;
  assertEquals([tail[at], tail[at + 1]], [0xc1, 1]);
  tail[at + 1] = records.length;
  const tree = records.flat().flatMap((record) => [record >>> 16, (record >>> 8) & 255, record & 255]);
  return Uint8Array.of(...tree, ...new Array<number>(16).fill(0), ...tail);
}

Deno.test("verifyMmdb() refuses a circle away from the root", () => {
  // With three nodes, 3 is "nothing" and 19 the data.
  assertEquals(verifyMmdb(openMmdb(treeOf([1, 3], [2, 19], [3, 3]))), { nodes: 3, records: 1 });
  const circle = openMmdb(treeOf([1, 3], [2, 19], [3, 1]));
  assertThrows(() => verifyMmdb(circle), MmdbCorruptError, "deeper than an address has bits");
});

Deno.test("verifyMmdb() refuses a tree that is one level deeper than an address", () => {
  const chain = (length: number) =>
    treeOf(...Array.from({ length }, (_, node) => [node + 1, length] as const));
  assertEquals(verifyMmdb(openMmdb(chain(32))).nodes, 32);
  assertThrows(() => verifyMmdb(openMmdb(chain(33))), MmdbCorruptError, "deeper than an address has bits");
});

Deno.test("verifyMmdb() refuses a tree whose shared part is too deep on one of two ways", () => {
  // Nodes 1 to 32 are a chain; the root enters it in its middle on one side and at its start on the other.
  const chain = Array.from({ length: 32 }, (_, index) => [index + 2, 33] as const);
  for (const root of [[1, 20], [20, 1]] as const) {
    const mmdb = openMmdb(treeOf(root, ...chain));
    assertThrows(() => verifyMmdb(mmdb), MmdbCorruptError, "deeper than an address has bits");
  }
  assertEquals(verifyMmdb(openMmdb(treeOf([2, 20], ...chain))).nodes, 33);
});

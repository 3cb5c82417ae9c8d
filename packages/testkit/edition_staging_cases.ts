import { EMPTY_EDITION_STATE, EnrichmentError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "./assert.ts";
import type { ContractCase } from "./contract.ts";
import type { EditionPlace } from "./edition_place.ts";
import { describeSet, filesOfSet, fillBytes, installSet, TEST_SET_FILES } from "./edition_sets.ts";

const { city: CITY, asn: ASN } = TEST_SET_FILES;
const ONE = { id: "20261123-041500-00000001", createdAt: "2026-11-23T04:15:00Z" };
const TWO = { id: "20261124-041500-00000002", createdAt: "2026-11-24T04:15:00Z" };

/** How every edition store puts sets together. */
export const EDITION_STAGING_CASES: readonly ContractCase<EditionPlace>[] = [
  {
    name: "reading is empty when nothing was written",
    run: async (place) => {
      const store = place.open();
      assertEquals(await store.readState(), EMPTY_EDITION_STATE);
      assertEquals(await store.listSets(), []);
      assertEquals(await store.readCurrentId(), null);
      assertEquals(await store.listPlain(), []);
      await assertRejects(() => store.readEdition(ONE.id, CITY), EnrichmentError);
      assert(store.place.length > 0);
    },
  },
  {
    name: "commit() keeps a set whose bytes come back equal, and switchTo() makes it serve",
    run: async (place) => {
      const store = place.open();
      const big = { ...ONE, city: fillBytes(3 * 1_048_576 + 12_345, 7), asn: fillBytes(1_048_576, 8) };
      await using _lock = await store.lock("test");
      const manifest = await installSet(store, big);
      assertEquals(await store.listSets(), [manifest]);
      assertEquals(await store.readCurrentId(), null);
      await store.switchTo(ONE.id);
      for (const reader of [store, place.open()]) {
        assertEquals(await reader.readCurrentId(), ONE.id);
        assertEquals(await reader.listSets(), [manifest]);
        for (const [file, bytes] of filesOfSet(big)) {
          assertSameBytes(await reader.readEdition(ONE.id, file), bytes);
        }
      }
      assertEquals(await place.listLeftovers(), []);
    },
  },
  {
    name: "commit() keeps empty files and many small writes",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      const set = { ...ONE, city: new Uint8Array(0), asn: fillBytes(2_000, 3), writeSize: 1 };
      await installSet(store, set);
      for (const [file, bytes] of filesOfSet(set)) {
        assertSameBytes(await store.readEdition(ONE.id, file), bytes);
      }
    },
  },
  {
    name: "a writer may use its buffer again after write()",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      await using staging = await store.stage(ONE.id);
      const writer = await staging.openFile(CITY);
      const buffer = new Uint8Array(3);
      for (const value of [1, 2]) {
        await writer.write(buffer.fill(value));
      }
      buffer.fill(9);
      await writer.close();
      assertEquals(Array.from(await staging.readFile(CITY)), [1, 1, 1, 2, 2, 2]);
    },
  },
  {
    name: "a set that is not committed is invisible, and nothing of it is left when it is disposed",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      {
        await using staging = await store.stage(ONE.id);
        assertEquals(staging.id, ONE.id);
        const writer = await staging.openFile(CITY);
        await writer.write(fillBytes(1_500_000, 1));
        await assertRejects(() => staging.readFile(CITY), EnrichmentError, CITY);
        await writer.close();
        const open = await staging.openFile(ASN);
        await open.write(new Uint8Array(10));
        assertEquals(await store.listSets(), []);
        await assertRejects(() => store.switchTo(ONE.id), EnrichmentError, ONE.id);
        assertEquals(await store.sweep(), 0);
        assertEquals((await staging.readFile(CITY)).length, 1_500_000);
      }
      assertEquals(await place.listLeftovers(), []);
      await installSet(store, ONE);
    },
  },
  {
    name: "openFile() starts a file anew, and the earlier writer harms nothing",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      await using staging = await store.stage(ONE.id);
      const first = await staging.openFile(CITY);
      await first.write(fillBytes(1_200_000, 1));
      await first.close();
      const second = await staging.openFile(CITY);
      await second.write(new Uint8Array([1]));
      const third = await staging.openFile(CITY);
      await second.write(new Uint8Array([2])).catch(() => {});
      await second.close().catch(() => {});
      await third.write(new Uint8Array([3]));
      await third.close();
      assertEquals(Array.from(await staging.readFile(CITY)), [3]);
    },
  },
  {
    name: "commit() refuses a manifest that is not that of what was staged",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      await using staging = await store.stage(ONE.id);
      const manifest = describeSet(ONE);
      await assertRejects(() => staging.commit(manifest), EnrichmentError, "not written to its end");
      for (const [file, bytes] of filesOfSet(ONE)) {
        const writer = await staging.openFile(file);
        await writer.write(bytes);
        await writer.close();
      }
      const [city, asn] = manifest.editions;
      const cut = { ...manifest, editions: [{ ...city!, size_bytes: city!.size_bytes + 1 }, asn!] };
      await assertRejects(() => staging.commit(cut), EnrichmentError, "bytes");
      await assertRejects(() => staging.commit({ ...manifest, id: TWO.id }), EnrichmentError, TWO.id);
      await assertRejects(
        () => staging.commit({ ...manifest, editions: [] }),
        EnrichmentError,
        "breaks a rule",
      );
      await staging.commit({ ...manifest, editions: [asn!] });
      assertEquals((await store.listSets())[0]?.editions, [asn!]);
      await assertRejects(() => store.readEdition(ONE.id, CITY), EnrichmentError);
      await assertRejects(() => store.stage(ONE.id), EnrichmentError, ONE.id);
    },
  },
];

/** Comparing element by element takes seconds for megabytes. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  assertEquals(at, -1, `byte ${at} differs`);
}

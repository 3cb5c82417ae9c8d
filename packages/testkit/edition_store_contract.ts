import { type EditionState, EMPTY_EDITION_STATE, EnrichmentError, LockHeldError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "./assert.ts";
import type { ContractCase } from "./contract.ts";
import type { EditionPlace } from "./edition_place.ts";
import { EDITION_STAGING_CASES } from "./edition_staging_cases.ts";
import { describeSet, filesOfSet, installSet, TEST_SET_FILES } from "./edition_sets.ts";

const { city: CITY } = TEST_SET_FILES;
const ONE = { id: "20261123-041500-00000001", createdAt: "2026-11-23T04:15:00Z" };
const TWO = { id: "20261124-041500-00000002", createdAt: "2026-11-24T04:15:00Z" };
const THREE = { id: "20261125-041500-00000003", createdAt: "2026-11-25T04:15:00Z" };
const HOSTILE = ["", ".", "..", "../x", "a/b", "/etc", "a\\b", ".hidden", "a\0b", "a b", "x".repeat(300)];

/** What every edition store does. */
export const EDITION_STORE_CONTRACT: readonly ContractCase<EditionPlace>[] = [
  ...EDITION_STAGING_CASES,
  {
    name: "listSets() has the newest first",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      for (const set of [TWO, ONE, THREE]) await installSet(store, set);
      assertEquals((await store.listSets()).map(({ id }) => id), [THREE.id, TWO.id, ONE.id]);
    },
  },
  {
    name: "removeSet() refuses the set that serves and destroys another",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      for (const set of [ONE, TWO]) await installSet(store, set);
      await assertRejects(() => store.switchTo(THREE.id), EnrichmentError, THREE.id);
      await store.switchTo(ONE.id);
      await store.switchTo(TWO.id);
      await assertRejects(() => store.removeSet(TWO.id), EnrichmentError, "it serves");
      await store.removeSet(ONE.id);
      // A removal that was killed after its last step is done again.
      await store.removeSet(ONE.id);
      assertEquals((await store.listSets()).map(({ id }) => id), [TWO.id]);
      assertEquals(await store.readCurrentId(), TWO.id);
      await assertRejects(() => store.readEdition(ONE.id, CITY), EnrichmentError);
      assertEquals(await place.listLeftovers(), []);
    },
  },
  {
    name: "a damaged manifest takes its set out, and sweep() removes it once another set serves",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      for (const set of [ONE, TWO]) await installSet(store, set);
      await store.switchTo(TWO.id);
      await place.damageManifest(TWO.id);
      assertEquals((await store.listSets()).map(({ id }) => id), [ONE.id]);
      assertEquals(await store.readCurrentId(), null);
      await assertRejects(() => store.switchTo(TWO.id), EnrichmentError, TWO.id);
      assertEquals(await store.sweep(), 0);
      await store.switchTo(ONE.id);
      assertEquals(await store.readCurrentId(), ONE.id);
      assertEquals(await store.sweep(), 1);
      assertEquals(await store.sweep(), 0);
      await installSet(store, TWO);
    },
  },
  {
    name: "sweep() removes what a killed updater left, and nothing else",
    run: async (place) => {
      const store = place.open();
      {
        await using _lock = await store.lock("test");
        await installSet(store, ONE);
        await store.switchTo(ONE.id);
      }
      for (const set of [TWO, THREE]) await place.abandonStaging(set.id);
      assert((await place.listLeftovers()).length > 0);
      await using _lock = await store.lock("test");
      assertEquals((await store.listSets()).map(({ id }) => id), [ONE.id]);
      assertEquals(await store.sweep(), 2);
      assertEquals(await place.listLeftovers(), []);
      assertEquals(await store.readCurrentId(), ONE.id);
      assertEquals((await store.readEdition(ONE.id, CITY)).length, filesOfSet(ONE).get(CITY)!.length);
      await installSet(store, TWO);
    },
  },
  {
    name: "stage() takes over the id of a set that a killed updater left",
    run: async (place) => {
      await place.abandonStaging(ONE.id);
      const store = place.open();
      await using _lock = await store.lock("test");
      const manifest = await installSet(store, ONE);
      assertEquals(await store.listSets(), [manifest]);
      assertEquals(await store.sweep(), 0);
    },
  },
  {
    name: "readState() gives what writeState() wrote, and a damaged state is none",
    run: async (place) => {
      const store = place.open();
      const state: EditionState = {
        ...EMPTY_EDITION_STATE,
        checked_at: "2026-11-25T04:15:00.123Z",
        failures: 2,
        downloads: { day: "2026-11-25", count: 3 },
        events: [{ at: "2026-11-25T04:15:00Z", event: "rejected", set: null, reason: "“quoted” \\u0041\n" }],
      };
      await using _lock = await store.lock("test");
      await store.writeState({ ...state, failures: 1 });
      await store.writeState(state);
      assertEquals(await place.open().readState(), state);
      assertEquals(await place.listLeftovers(), []);
      await place.damageState();
      assertEquals(await store.readState(), EMPTY_EDITION_STATE);
      await store.writeState(state);
      assertEquals(await store.readState(), state);
    },
  },
  {
    name: "lock() has one holder, names it, and is given back",
    run: async (place) => {
      const [store, other] = [place.open(), place.open()];
      const lock = await store.lock("update them");
      assertEquals(lock.lost.aborted, false);
      for (const contender of [other, store]) {
        const refusal = await assertRejects(() => contender.lock("roll back"), LockHeldError, place.owner);
        assert(refusal.message.startsWith("Cannot roll back: "), refusal.message);
      }
      await lock[Symbol.asyncDispose]();
      const next = await other.lock("roll back");
      // What was given back once must not be given back again: it is somebody else's now.
      await lock[Symbol.asyncDispose]();
      await assertRejects(() => store.lock("update them"), LockHeldError);
      await next[Symbol.asyncDispose]();
      assertEquals(lock.lost.aborted, false);
    },
  },
  {
    name: "whatever changes sets needs the lock",
    run: async (place) => {
      const store = place.open();
      const lock = await store.lock("test");
      await installSet(store, ONE);
      await using staging = await store.stage(TWO.id);
      for (const [file, bytes] of filesOfSet(TWO)) {
        const writer = await staging.openFile(file);
        await writer.write(bytes);
        await writer.close();
      }
      await lock[Symbol.asyncDispose]();
      await assertRejects(() => staging.commit(describeSet(TWO)), TypeError, "lock");
      await assertRejects(() => store.stage(THREE.id), TypeError, "lock");
      await assertRejects(() => store.switchTo(ONE.id), TypeError, "lock");
      await assertRejects(() => store.removeSet(ONE.id), TypeError, "lock");
      await assertRejects(() => store.sweep(), TypeError, "lock");
      assertEquals((await store.listSets()).map(({ id }) => id), [ONE.id]);
    },
  },
  {
    name: "names that could lead elsewhere are refused",
    run: async (place) => {
      const store = place.open();
      await using _lock = await store.lock("test");
      await installSet(store, ONE);
      await using staging = await store.stage(TWO.id);
      for (const name of HOSTILE) {
        await assertRejects(() => store.stage(name), EnrichmentError, "no name");
        await assertRejects(() => store.switchTo(name), EnrichmentError, "no name");
        await assertRejects(() => store.removeSet(name), EnrichmentError, "no name");
        await assertRejects(() => store.readEdition(name, CITY), EnrichmentError, "no name");
        for (const file of [name, `${name}.mmdb`]) {
          await assertRejects(() => store.readEdition(ONE.id, file), EnrichmentError, "no name");
          await assertRejects(() => staging.openFile(file), EnrichmentError, "no name");
          await assertRejects(() => staging.readFile(file), EnrichmentError, "no name");
        }
      }
      await assertRejects(() => staging.openFile("manifest.json"), EnrichmentError, "no name");
      assertEquals((await store.listSets()).map(({ id }) => id), [ONE.id]);
    },
  },
];

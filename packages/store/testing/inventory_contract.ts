import { emptyRow, type InventoryRow, type InventoryStore, type StateGroup } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { maxmindRow, NOON, stateOf } from "./rows.ts";

/** What every inventory store does with enrichment. */
export const INVENTORY_CONTRACT: readonly ContractCase<InventoryStore>[] = [
  {
    name: "findMany() finds nothing when nothing was saved",
    run: async (store) => {
      assertEquals(await store.findMany([]), new Map());
      assertEquals(await store.findMany(["203.0.113.1"]), new Map());
    },
  },
  {
    name: "findMany() looks a large batch up in a small inventory at once",
    run: async (store) => {
      const rows = listAddresses("10.1", 4_000).map((address) => emptyRow(address, "private"));
      await store.saveMany(rows);
      const startedAt = performance.now();
      assertEquals(await store.findMany(listAddresses("10.2", 5_000)), new Map());
      // Each with each would be twenty million comparisons: some seconds.
      assert(performance.now() - startedAt < 1_000);
    },
  },
  {
    name: "findStates() finds nothing when nothing was saved",
    run: async (store) => {
      assertEquals(await store.findStates([]), []);
      assertEquals(await store.findStates(["203.0.113.1"]), []);
    },
  },
  {
    name: "findStates() tells rows of one state together, and of no others",
    run: async (store) => {
      const alike = ["203.0.113.1", "203.0.113.2", "::102:304"].map((address) => maxmindRow(address, 64500));
      const rows = [
        ...alike,
        { ...maxmindRow("203.0.113.3", 64501), asnSource: null },
        emptyRow("2001:db8::1", "global"),
        maxmindRow("203.0.113.9", 64500),
      ];
      await store.saveMany(rows);
      const asked = [...rows.slice(0, -1).map((row) => row.ipAddress), "203.0.113.4"];
      const groups = await store.findStates(asked);
      const found = groups.map(({ state, addresses }) => ({ state, addresses: [...addresses].sort() }));
      const expected = [alike, [rows[3]!], [rows[4]!]].map((members) => ({
        state: stateOf(members[0]!),
        addresses: members.map((row) => row.ipAddress).sort(),
      }));
      assertEquals(found.sort(byFirst), expected.sort(byFirst));
    },
  },
  {
    name: "findStates() looks a large batch up in a small inventory at once",
    run: async (store) => {
      const rows = listAddresses("10.1", 4_000).map((address) => emptyRow(address, "private"));
      await store.saveMany(rows);
      const startedAt = performance.now();
      assertEquals(await store.findStates(listAddresses("10.2", 12_000)), []);
      const groups = await store.findStates(listAddresses("10.1", 12_000));
      assert(performance.now() - startedAt < 2_000);
      assertEquals(
        new Set(groups.flatMap(({ addresses }) => addresses)),
        new Set(listAddresses("10.1", 4_000)),
      );
    },
  },
  {
    name: "saveMany() keeps every field of a row",
    run: async (store) => {
      const row = { ...maxmindRow("203.0.113.1", 64500), isScanner: true, scannerAt: NOON + 1 };
      assertEquals(await store.saveMany([row]), []);
      assertEquals(
        await store.findMany([row.ipAddress]),
        new Map([[row.ipAddress, { ...row, revision: 1 }]]),
      );
    },
  },
  {
    name: "saveMany() keeps the nulls of a row",
    run: async (store) => {
      const row = emptyRow("2001:db8::1", "global");
      assertEquals(await store.saveMany([row]), []);
      assertEquals(
        await store.findMany([row.ipAddress]),
        new Map([[row.ipAddress, { ...row, revision: 1 }]]),
      );
    },
  },
  {
    name: "findMany() gives the addresses as they were asked for",
    run: async (store) => {
      const addresses = [
        "::",
        "::1",
        "::102:304",
        "2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1",
        "1.2.3.4",
        "0.0.0.0",
      ];
      await store.saveMany(addresses.map((address) => emptyRow(address, "global")));
      assertEquals([...(await store.findMany(addresses)).keys()].sort(), [...addresses].sort());
    },
  },
  {
    name: "saveMany() replaces the row when the revision is the stored one",
    run: async (store) => {
      await store.saveMany([maxmindRow("203.0.113.1", 64500)]);
      const next = { ...maxmindRow("203.0.113.1", 64501), revision: 1 };
      assertEquals(await store.saveMany([next]), []);
      assertEquals(await find(store, "203.0.113.1"), { ...next, revision: 2 });
    },
  },
  {
    name: "saveMany() leaves a row alone and says so when somebody else changed it",
    run: async (store) => {
      await store.saveMany([maxmindRow("203.0.113.1", 64500)]);
      const stored = await find(store, "203.0.113.1");
      const late = [0, 2, 7].map((revision) => ({ ...maxmindRow("203.0.113.1", 64999), revision }));
      for (const row of late) assertEquals(await store.saveMany([row]), ["203.0.113.1"]);
      assertEquals(await find(store, "203.0.113.1"), stored);
    },
  },
  {
    name: "saveMany() does not make a row that was there and is gone",
    run: async (store) => {
      assertEquals(await store.saveMany([{ ...maxmindRow("203.0.113.1", 64500), revision: 4 }]), [
        "203.0.113.1",
      ]);
      assertEquals(await store.findMany(["203.0.113.1"]), new Map());
    },
  },
  {
    name: "saveMany() writes the others when some were changed by somebody else",
    run: async (store) => {
      const first = Array.from({ length: 30 }, (_, index) => maxmindRow(`203.0.113.${index}`, 64500));
      await store.saveMany(first.filter((_, index) => index % 3 === 0));
      const unwritten = await store.saveMany(first);
      const expected = first.filter((_, index) => index % 3 === 0).map((row) => row.ipAddress);
      assertEquals([...unwritten].sort(), expected.sort());
      assertEquals((await store.findMany(first.map((row) => row.ipAddress))).size, 30);
    },
  },
  {
    name: "saveMany() names IPv6 addresses as they were given when they were not written",
    run: async (store) => {
      const rows = ["::102:304", "::1", "2001:db8::1"].map((address) => emptyRow(address, "global"));
      await store.saveMany(rows.slice(0, 1));
      assertEquals(await store.saveMany(rows), ["::102:304"]);
    },
  },
  {
    name: "saveMany() stores a document, not a text, and cleans what a database refuses",
    run: async (store) => {
      const dirty = maxmindRow("203.0.113.1", 64500);
      const row: InventoryRow = {
        ...dirty,
        geoCity: "A\u0000B\u0001C\u0002\ud800D",
        asnOrg: String.raw`quote " back \ slash , {brace} \u0000 😀`,
        enrichment: {
          ...dirty.enrichment,
          maxmind: {
            ...dirty.enrichment.maxmind!,
            city: "A\u0000B\udfff",
            asn_org: String.raw`\u0000 😀 "\"`,
          },
        },
      };
      assertEquals(await store.saveMany([row]), []);
      const stored = await find(store, "203.0.113.1");
      assertEquals(stored?.geoCity, "ABC\ufffdD");
      assertEquals(stored?.asnOrg, row.asnOrg);
      assertEquals(stored?.enrichment.maxmind?.city, "AB\ufffd");
      assertEquals(stored?.enrichment.maxmind?.asn_org, String.raw`\u0000 😀 "\"`);
    },
  },
  {
    name: "findMany() tells texts with tabs and line ends from the next field, and an empty text from none",
    run: async (store) => {
      const base = maxmindRow("203.0.113.1", 64500);
      const row = { ...base, geoCity: "", asnOrg: 'tab\t feed\n return\r quote " slash \\t \u0003' };
      const other = { ...maxmindRow("203.0.113.2", 64501), geoCity: null, asnOrg: "\n\t" };
      assertEquals(await store.saveMany([row, other]), []);
      assertEquals(
        await store.findMany([row.ipAddress, other.ipAddress]),
        new Map([row, other].map((saved) => [saved.ipAddress, { ...saved, revision: 1 }])),
      );
    },
  },
  {
    name: "saveMany() takes an empty batch, and refuses one that holds an address twice",
    run: async (store) => {
      assertEquals(await store.saveMany([]), []);
      const row = maxmindRow("203.0.113.1", 64500);
      await assertRejects(() => store.saveMany([row, row]), TypeError, "203.0.113.1");
    },
  },
  {
    name: "saveMany() keeps every row of a large batch",
    run: async (store) => {
      const rows = Array.from(
        { length: 6_000 },
        (_, index) => maxmindRow(`198.18.${index >> 8}.${index & 255}`, index),
      );
      assertEquals(await store.saveMany(rows), []);
      const found = await store.findMany(rows.map((row) => row.ipAddress));
      assertEquals(rows.every((row) => found.get(row.ipAddress)?.asnNumber === row.asnNumber), true);
      assertEquals(found.size, 6_000);
    },
  },
  {
    name: "findActive() finds nothing when there are no sessions",
    run: async (store) => {
      const filter = { minCommands: 10, minDownloads: 5, minDurationS: 300 };
      assertEquals(await store.findActive(["203.0.113.1"], filter), new Set());
      assertEquals(await store.findActive([], filter), new Set());
    },
  },
];

async function find(store: InventoryStore, address: string): Promise<InventoryRow | undefined> {
  return (await store.findMany([address])).get(address);
}

function listAddresses(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}.${index >> 8}.${index & 255}`);
}

function byFirst(a: StateGroup, b: StateGroup): number {
  return a.addresses[0]! < b.addresses[0]! ? -1 : 1;
}

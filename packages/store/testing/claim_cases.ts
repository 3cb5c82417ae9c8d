import { emptyRow, updateFrom } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import type { SqlClient } from "../sql_client.ts";
import { listAll, open, QUERY } from "./refresh_rows.ts";
import { NOON } from "./rows.ts";

/** How workers take rows from each other's hands. */
export const CLAIM_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "two workers never hold the same row, and a row that is done is not claimed again",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
      await inventory.saveMany(addresses.map((ip) => emptyRow(ip, "global")));
      await using one = await store.openHolder("one");
      await using two = await store.openHolder("two");
      const claim = (holder: typeof one, wanted: readonly string[]) =>
        store.claim(holder, "greynoise", QUERY, { addresses: wanted, limit: 2 }).then((rows) =>
          rows.map((row) => row.ipAddress)
        );
      assertEquals(await claim(one, addresses.slice(0, 2)), addresses.slice(0, 2));
      assertEquals(await claim(one, addresses.slice(0, 2)), [], "its own neither");
      assertEquals(await claim(two, ["192.0.2.3", "192.0.2.2"]), ["192.0.2.3"]);
      assertEquals(await listAll(store, "greynoise"), ["192.0.2.4"]);
      assertEquals(await listAll(store, "cymru"), addresses, "claims are by source");
      assertEquals(
        [await store.countHeld("greynoise", QUERY, one), await store.countHeld("greynoise", QUERY, two)],
        [1, 2],
      );
      const outcome = { status: "miss" as const, durationMs: 1 };
      const update = updateFrom("192.0.2.1", 0, outcome, { now: NOON, random: () => 0, onMiss: null });
      await store.saveUpdates(one, "greynoise", [update]);
      assertEquals(await claim(two, ["192.0.2.1"]), [], "it is not due any more");
      assertEquals(await claim(two, ["192.0.2.1", "192.0.2.2", "192.0.2.4"]), ["192.0.2.4"]);
      await store.release(two, "greynoise", ["192.0.2.4"]);
      await store.release(one, "greynoise", ["192.0.2.2"]);
      assertEquals(await claim(two, ["192.0.2.2"]), ["192.0.2.2"]);
      const [claims] = await sql.query<{ count: number }>("select count(*)::int as count from work_claim");
      assertEquals(claims!.count, 2, "a row that was not due is given back at once");
    },
  },
  {
    name: "the rows of a worker that is gone are free again, and one that was taken for gone may come back",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([emptyRow("192.0.2.1", "global"), emptyRow("192.0.2.2", "global")]);
      await using gone = await store.openHolder("gone");
      assertEquals(
        (await store.claim(gone, "cymru", QUERY, { addresses: ["192.0.2.1"], limit: 9 })).length,
        1,
      );
      await sql.query("update work_holder set expires_at = clock_timestamp() - interval '1 second'");
      assertEquals(await listAll(store, "cymru"), ["192.0.2.1", "192.0.2.2"]);
      await using other = await store.openHolder("other");
      assertEquals(
        (await store.claim(other, "cymru", QUERY, { addresses: ["192.0.2.1"], limit: 9 })).length,
        1,
      );
      const [left] = await sql.query<{ owners: string }>(
        "select string_agg(owner, ',') as owners from work_holder",
      );
      assertEquals(left!.owners, "other");
      assertEquals(
        (await store.claim(gone, "cymru", QUERY, { addresses: ["192.0.2.1", "192.0.2.2"], limit: 9 })).length,
        1,
      );
    },
  },
  {
    name: "disposing a holder gives its rows back",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([emptyRow("192.0.2.1", "global")]);
      {
        await using holder = await store.openHolder("short");
        await store.claim(holder, "cymru", QUERY, { addresses: ["192.0.2.1"], limit: 1 });
        assertEquals(await listAll(store, "cymru"), []);
      }
      assertEquals(await listAll(store, "cymru"), ["192.0.2.1"]);
    },
  },
];

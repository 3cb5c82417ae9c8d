import { ALL_ROWS, emptyRow, formatInstant, FRESH_DAYS, MS_PER_DAY } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import type { SqlClient } from "../sql_client.ts";
import { ALL, failedRow, greynoiseRow, listAll, oldCymruRow, open, QUERY } from "./refresh_rows.ts";
import { maxmindRow, NOON } from "./rows.ts";

/** Which rows are due, in which order, and how they say that they were left alone. */
export const DUE_ROW_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name:
      "listDue() gives Cymru's rows that were never asked, are past 90 days, or failed and may be tried again",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        maxmindRow("192.0.2.2", 64_500),
        oldCymruRow("192.0.2.3", FRESH_DAYS.cymru + 0.001),
        oldCymruRow("192.0.2.4", FRESH_DAYS.cymru - 0.001),
        failedRow("cymru", "192.0.2.5", NOON - 1),
        failedRow("cymru", "192.0.2.6", NOON + 1),
        emptyRow("2001:db8::1", "global"),
      ]);
      const due = ["192.0.2.1", "192.0.2.3", "192.0.2.5", "2001:db8::1"];
      assertEquals(await listAll(store, "cymru"), due);
      assertEquals(await store.countDue("cymru", QUERY), due.length);
      assertEquals((await listAll(store, "cymru", { ...QUERY, force: true })).length, 6);
    },
  },
  {
    name: "listDue() gives GreyNoise's rows busiest first, IPv4 alone, in pages without gap or repetition",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const rows = [
        emptyRow("192.0.2.1", "global"),
        greynoiseRow("192.0.2.2", FRESH_DAYS.greynoise + 0.001),
        greynoiseRow("192.0.2.3", FRESH_DAYS.greynoise - 0.001),
        failedRow("greynoise", "192.0.2.4", NOON - 1),
        failedRow("greynoise", "192.0.2.5", NOON + 1),
        maxmindRow("192.0.2.6", 64_500),
        emptyRow("192.0.2.7", "global"),
        emptyRow("2001:db8::1", "global"),
      ];
      await inventory.saveMany(rows);
      await sql.query("update ip_inventory set observation_count = 5 where ip_address = '192.0.2.4'");
      await sql.query(`update ip_inventory set observation_count = 3,
        last_seen_at = '2026-11-01 00:00:00.000002+00' where ip_address = '192.0.2.1'`);
      await sql.query(`update ip_inventory set observation_count = 3,
        last_seen_at = '2026-11-01 00:00:00.000001+00' where ip_address in ('192.0.2.2', '192.0.2.7')`);
      const pages: string[][] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.listDue>> = await store.listDue("greynoise", QUERY, {
          after,
          limit: 2,
        });
        pages.push([...page.addresses]);
        after = page.next;
      } while (after !== null);
      assertEquals(pages, [["192.0.2.4", "192.0.2.1"], ["192.0.2.7", "192.0.2.2"], []]);
    },
  },
  {
    name: "a row whose public stamp was set back is due, and one that others stamped is not",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([
        greynoiseRow("192.0.2.1", 1),
        emptyRow("192.0.2.2", "global"),
        oldCymruRow("192.0.2.3", 1),
      ]);
      await sql.query(
        `update ip_inventory set scanner_ts = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.1'`,
        [NOON - 8 * MS_PER_DAY],
      );
      await sql.query(
        `update ip_inventory set scanner_ts = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.2'`,
        [NOON - MS_PER_DAY],
      );
      await sql.query(
        `update ip_inventory set enrichment_ts = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.3'`,
        [NOON - 91 * MS_PER_DAY],
      );
      assertEquals(await listAll(store, "greynoise"), ["192.0.2.3", "192.0.2.1"]);
      assertEquals(await listAll(store, "cymru"), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    },
  },
  {
    name: "listDue() keeps to the filter",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const old = { asnNumber: 64_501, geoCountry: "DE" };
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        { ...oldCymruRow("192.0.2.2", 100), geoCountry: "DE" },
        { ...oldCymruRow("198.51.100.1", 100), geoCountry: "FR" },
        emptyRow("2001:db8::1", "global"),
      ]);
      await sql.query(
        "update ip_inventory set last_seen_at = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.2'",
        [NOON - MS_PER_DAY],
      );
      const list = (filter: Partial<typeof ALL_ROWS>) =>
        listAll(store, "cymru", { ...QUERY, filter: { ...ALL_ROWS, ...filter } });
      assertEquals(await list({ country: old.geoCountry }), ["192.0.2.2"]);
      assertEquals(await list({ asn: old.asnNumber }), ["192.0.2.2", "198.51.100.1"]);
      assertEquals(await list({ missingAsn: true }), ["192.0.2.1", "2001:db8::1"]);
      assertEquals(await list({ activeSince: NOON - MS_PER_DAY }), ["192.0.2.2"]);
      assertEquals(await list({ activeSince: NOON - MS_PER_DAY + 1 }), []);
      assertEquals(await list({ networks: ["192.0.2.0/24"] }), ["192.0.2.1", "192.0.2.2"]);
      assertEquals(await list({ networks: ["192.0.2.2", "2001:db8::/32"] }), ["192.0.2.2", "2001:db8::1"]);
      assertEquals(await list({ networks: [] }), []);
    },
  },
  {
    name: "markSkipped() says in the rows why they wait and until when, and stamps nothing",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        greynoiseRow("192.0.2.2", 8),
        failedRow("greynoise", "192.0.2.3", NOON - 1),
        greynoiseRow("192.0.2.4", 1),
      ]);
      const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
      const before = await inventory.findMany(addresses);
      const until = NOON + 12 * 3_600_000;
      const mark = { reason: "quota_exhausted" as const, until };
      const first = await store.markSkipped("greynoise", QUERY, mark, { after: null, limit: 2 });
      const second = await store.markSkipped("greynoise", QUERY, mark, { after: first.next, limit: 2 });
      assertEquals([first.marked, second.marked, second.next], [2, 1, null]);
      const after = await inventory.findMany(addresses);
      for (const ip of addresses.slice(0, 3)) {
        assertEquals(after.get(ip)!.enrichment._meta.sources.greynoise, {
          outcome: "skipped",
          reason: "quota_exhausted",
          checked_at: formatInstant(NOON),
          duration_ms: 0,
          until: formatInstant(until),
        });
        assertEquals(after.get(ip)!.scannerAt, before.get(ip)!.scannerAt);
      }
      const never = after.get("192.0.2.1")!.attempts.greynoise;
      assertEquals([never.outcome, never.attemptedAt, never.retryAt], ["skipped", null, until]);
      assertEquals(after.get("192.0.2.2")!.attempts.greynoise, before.get("192.0.2.2")!.attempts.greynoise);
      assertEquals(after.get("192.0.2.3")!.attempts.greynoise, before.get("192.0.2.3")!.attempts.greynoise);
      assertEquals(after.get("192.0.2.4"), before.get("192.0.2.4"), "a fresh row is none of its business");
      assertEquals((await store.markSkipped("greynoise", QUERY, mark, ALL)).marked, 0, "they say so already");
      assertEquals((await listAll(store, "greynoise")).length, 3, "they are still due");
    },
  },
];

import {
  emptyRow,
  formatInstant,
  type InventoryRow,
  mergeOutcomes,
  neverSeen,
  type SourceName,
  type SourceUpdate,
  updateFrom,
} from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import type { SqlClient } from "../sql_client.ts";
import {
  ALL,
  failedRow,
  GREYNOISE,
  greynoiseRow,
  INSTALLED,
  oldCymruRow,
  open,
  outcomesOf,
  QUERY,
} from "./refresh_rows.ts";
import { maxmindRow, NOON } from "./rows.ts";

const BEFORE: readonly ((ip: string) => InventoryRow)[] = [
  (ip) => emptyRow(ip, "global"),
  (ip) => maxmindRow(ip, 64_500),
  (ip) => oldCymruRow(ip, 100),
  (ip) => greynoiseRow(ip, 8),
  (ip) => failedRow("greynoise", ip, NOON - 1),
  (ip) => failedRow("cymru", ip, NOON - 1),
];

/** Every state of a row with every outcome of a source. */
async function checkUpdates(sql: SqlClient, source: SourceName): Promise<void> {
  const { store, inventory } = open(sql);
  const expected: InventoryRow[] = [];
  const updates: SourceUpdate[] = [];
  const before: InventoryRow[] = [];
  const options = { now: NOON, random: () => 0.5 };
  const onMiss = source === "greynoise" ? neverSeen(formatInstant(NOON)) : null;
  for (const [at, make] of BEFORE.entries()) {
    for (const [index, outcome] of outcomesOf(source).entries()) {
      const row = make(`192.0.${at}.${index}`);
      before.push(row);
      updates.push(
        updateFrom(row.ipAddress, row.attempts[source].failures, outcome, { ...options, onMiss }),
      );
      const merged = mergeOutcomes(row, { [source]: outcome }, { ...options, installed: INSTALLED });
      expected.push({ ...merged, revision: 2 });
    }
  }
  await inventory.saveMany(before);
  if (source === "maxmind") await store.saveMaxmind(INSTALLED, updates);
  else {
    await using holder = await store.openHolder("tester");
    await store.saveUpdates(holder, source, updates);
  }
  const after = await inventory.findMany(before.map((row) => row.ipAddress));
  for (const row of expected) assertEquals(after.get(row.ipAddress), row);
}

/** What is written of an answer of one source. */
export const SOURCE_UPDATE_CASES: readonly ContractCase<SqlClient>[] = [
  ...(["maxmind", "cymru", "greynoise"] as const).map((source) => ({
    name: `what ${source} said changes a row as merging does, whatever the row was before`,
    run: (sql: SqlClient) => checkUpdates(sql, source),
  })),
  {
    name:
      "saveUpdates() leaves the other sources' stamps and objects and the activity as they are, to the last digit",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([oldCymruRow("192.0.2.1", 3)]);
      // As other programs write them: microseconds, and numbers that JavaScript would write in another way.
      await sql.query(`update ip_inventory set enrichment_ts = '2026-11-20 01:02:03.456789+00',
        cymru_attempted_at = '2026-11-20 01:02:03.456789+00', first_seen_at = '2026-01-01 00:00:00.000001+00',
        last_seen_at = '2026-11-20 00:00:00.000001+00', observation_count = 7,
        enrichment = jsonb_set(enrichment, '{cymru,extra}', '[1.0, 1e2, "\\u00fc"]')`);
      const read =
        `select enrichment_ts::text, cymru_attempted_at::text, first_seen_at::text, last_seen_at::text,
        observation_count::int as count, (enrichment -> 'cymru')::text as cymru, asn_number::int as asn
        from ip_inventory`;
      const before = await sql.query(read);
      await using holder = await store.openHolder("tester");
      const outcome = { status: "hit" as const, data: GREYNOISE, durationMs: 1 };
      const options = { now: NOON, random: () => 0, onMiss: null };
      await store.saveUpdates(holder, "greynoise", [updateFrom("192.0.2.1", 0, outcome, options)]);
      assertEquals(await sql.query(read), before);
      assertEquals((await inventory.findMany(["192.0.2.1"])).get("192.0.2.1")!.isScanner, true);
    },
  },
  {
    name: "rows that others filled oddly are updated and read like all others",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const odd = [
        "{}",
        '{"_meta": {"sources": []}}',
        '{"_meta": {"sources": null}, "address": 7}',
        '{"_meta": [1], "cymru": {"asn": "AS13335"}}',
        '{"cymru": {"asn": 1.5e30}, "address": {"scope": "global"}}',
        '{"cymru": [], "maxmind": "x", "greynoise": 3}',
      ];
      const addresses = odd.map((_, index) => `192.0.2.${index}`);
      const insert =
        "insert into ip_inventory (ip_address, enrichment) values ($1::text::inet, $2::text::jsonb)";
      for (const [index, text] of odd.entries()) await sql.query(insert, [addresses[index]!, text]);
      await using holder = await store.openHolder("tester");
      const options = { now: NOON, random: () => 0, onMiss: null };
      for (const source of ["maxmind", "cymru", "greynoise"] as const) {
        for (const outcome of outcomesOf(source)) {
          const updates = addresses.map((address) => updateFrom(address, 0, outcome, options));
          if (source === "maxmind") await store.saveMaxmind(INSTALLED, updates);
          else await store.saveUpdates(holder, source, updates);
        }
        const mark = { reason: "circuit_open" as const, until: Infinity };
        if (source !== "maxmind") await store.markSkipped(source, { ...QUERY, force: true }, mark, ALL);
      }
      const rows = await inventory.findMany(addresses);
      assertEquals(rows.size, odd.length);
      for (const row of rows.values()) {
        assertEquals(typeof row.enrichment.address.scope, "string");
        assertEquals(row.enrichment._meta.sources.maxmind?.outcome, "failed");
      }
      assertEquals(await inventory.saveMany([...rows.values()]), []);
    },
  },
];

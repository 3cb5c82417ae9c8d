import { emptyRow, type InventoryRow } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createSqlAsnCounters } from "../asn_counters.ts";
import { createSqlInventoryStore } from "../inventory_store.ts";
import type { SqlClient } from "../sql_client.ts";
import type { ContractCase } from "../../testkit/contract.ts";
import { findMiscounts } from "./recount.ts";
import { cymruRow, maxmindRow, NOON } from "./rows.ts";

const A = "203.0.113.1";
const B = "203.0.113.2";
const C = "2001:db8::1";

/** What the triggers keep in `asn_inventory` and `ip_asn_history`. */
export const ASN_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "recount() finds wrong counters, leaves them in a dry run, and puts them right",
    run: async (sql) => {
      const counters = createSqlAsnCounters(sql);
      assertEquals(await counters.recount({ dryRun: false }), { asns: 0, rows: 0, wrong: 0, drift: 0 });
      await save(sql, [maxmindRow(A, 64500), maxmindRow(B, 64500), maxmindRow(C, 64501)]);
      assertEquals(await counters.recount({ dryRun: false }), { asns: 2, rows: 3, wrong: 0, drift: 0 });
      await sql.query("update asn_inventory set ip_count = 5 where asn_number = 64500");
      await sql.query("delete from asn_inventory where asn_number = 64501");
      await sql.query("insert into asn_inventory (asn_number, ip_count) values (64999, 2)");
      const found = { asns: 3, rows: 3, wrong: 3, drift: 6 };
      assertEquals(await counters.recount({ dryRun: true }), found);
      assertEquals((await findMiscounts(sql)).length, 3);
      assertEquals(await counters.recount({ dryRun: false }), found);
      assertEquals(await findMiscounts(sql), []);
      assertEquals((await readAsns(sql)).map(({ org, count }) => [org, count]), [
        ["ORG-64500", 2],
        ["ORG-64501", 1],
        [null, 0],
      ]);
    },
  },
  {
    name: "saveMany() counts the addresses of each ASN",
    run: async (sql) => {
      await save(sql, [
        maxmindRow(A, 64500),
        maxmindRow(B, 64500),
        maxmindRow(C, 64501),
        emptyRow("10.0.0.1", "global"),
      ]);
      assertEquals(await readAsns(sql), [
        { asn: 64500, org: "ORG-64500", registry: null, country: null, count: 2 },
        { asn: 64501, org: "ORG-64501", registry: null, country: null, count: 1 },
      ]);
      assertEquals(await readHistory(sql), []);
    },
  },
  {
    name: "saveMany() moves the count and writes the history when an address moves",
    run: async (sql) => {
      await save(sql, [maxmindRow(A, 64500)]);
      await save(sql, [{ ...maxmindRow(A, 64501, NOON + 1_000), revision: 1 }]);
      assertEquals((await readAsns(sql)).map(({ asn, count }) => [asn, count]), [[64500, 0], [64501, 1]]);
      assertEquals(await readHistory(sql), [
        { ip: A, asn: 64500, from: NOON, to: NOON + 1_000 },
        { ip: A, asn: 64501, from: NOON + 1_000, to: null },
      ]);
      await save(sql, [{ ...maxmindRow(A, 64500, NOON + 2_000), revision: 2 }]);
      assertEquals(await readHistory(sql), [
        { ip: A, asn: 64500, from: NOON, to: NOON + 1_000 },
        { ip: A, asn: 64501, from: NOON + 1_000, to: NOON + 2_000 },
        { ip: A, asn: 64500, from: NOON + 2_000, to: null },
      ]);
    },
  },
  {
    name: "saveMany() closes the history when an address loses its ASN, and opens none when it gets one",
    run: async (sql) => {
      await save(sql, [emptyRow(A, "global")]);
      await save(sql, [{ ...maxmindRow(A, 64500), revision: 1 }]);
      assertEquals(await readHistory(sql), []);
      await save(sql, [{ ...emptyRow(A, "global"), enrichmentAt: NOON + 5, revision: 2 }]);
      assertEquals(await findMiscounts(sql), []);
      const [row] = await readHistory(sql);
      assertEquals([row?.asn, row?.from, row!.to! >= NOON], [64500, NOON, true]);
    },
  },
  {
    name: "saveMany() keeps the day of the assignment while the ASN stays",
    run: async (sql) => {
      await save(sql, [maxmindRow(A, 64500)]);
      await save(sql, [{ ...maxmindRow(A, 64500, NOON + 1_000), revision: 1 }]);
      const rows = await sql.query<{ since: number }>(
        "select date_part('epoch', asn_since) * 1000 as since from ip_inventory",
      );
      assertEquals(rows.map(({ since }) => Math.round(since)), [NOON]);
    },
  },
  {
    name: "saveMany() leaves asn_inventory alone when a refresh changes no ASN",
    run: async (sql) => {
      await save(sql, [maxmindRow(A, 64500)]);
      const version = () => sql.query("select ctid::text as place, xmin::text as writer from asn_inventory");
      const before = await version();
      await save(sql, [{ ...maxmindRow(A, 64500, NOON + 1_000), geoCity: "Bonn", revision: 1 }]);
      await sql.query("update ip_inventory set observation_count = 9");
      assertEquals(await version(), before);
    },
  },
  {
    name: "saveMany() takes registry and country from Cymru, and prefers MaxMind's name",
    run: async (sql) => {
      await save(sql, [cymruRow(A, 64500, { registry: "ripencc", country: "NL" })]);
      assertEquals(await readAsns(sql), [
        { asn: 64500, org: "CYMRU-64500", registry: "ripencc", country: "NL", count: 1 },
      ]);
      await save(sql, [maxmindRow(B, 64500), cymruRow(C, 64500, { registry: "arin", country: "US" })]);
      await save(sql, [cymruRow("203.0.113.9", 64500, { registry: "arin", country: "US" })]);
      assertEquals(await readAsns(sql), [
        { asn: 64500, org: "ORG-64500", registry: "arin", country: "US", count: 4 },
      ]);
    },
  },
  {
    name: "saveMany() takes no registry from an answer about another ASN",
    run: async (sql) => {
      const row = cymruRow(A, 64500, { registry: "ripencc", country: "NL" });
      await save(sql, [{ ...row, asnNumber: 64777 }, {
        ...cymruRow(B, 64778, { registry: "arin", country: "US" }),
        asnSource: "maxmind",
      }]);
      assertEquals((await readAsns(sql)).map(({ asn, registry }) => [asn, registry]), [[64777, null], [
        64778,
        null,
      ]]);
    },
  },
  {
    name: "saveMany() renames an ASN whose addresses stay",
    run: async (sql) => {
      await save(sql, [maxmindRow(A, 64500)]);
      await save(sql, [{ ...maxmindRow(A, 64500), asnOrg: "New Name", revision: 1 }]);
      assertEquals((await readAsns(sql)).map(({ org, count }) => [org, count]), [["New Name", 1]]);
      assertEquals(await readHistory(sql), []);
    },
  },
  {
    name: "asn_inventory is right whoever writes",
    run: async (sql) => {
      await save(sql, [maxmindRow(A, 64500), maxmindRow(B, 64500), maxmindRow(C, 64501)]);
      await sql.query(
        "update ip_inventory set asn_number = asn_number + 1 where ip_address <> $1::text::inet",
        [A],
      );
      assertEquals(await findMiscounts(sql), []);
      await sql.query(
        "update ip_inventory set ip_address = '203.0.113.77' where ip_address = $1::text::inet",
        [A],
      );
      assertEquals(await findMiscounts(sql), []);
      await sql.query("delete from ip_inventory where ip_address = $1::text::inet", [B]);
      assertEquals(await findMiscounts(sql), []);
      const open = await sql.query(
        "select host(ip_address) as ip from ip_asn_history where valid_to is null",
      );
      assertEquals(open, [{ ip: C }]);
      await sql.query("truncate ip_inventory");
      assertEquals((await readAsns(sql)).map(({ count }) => count), [0, 0, 0]);
      assertEquals(await sql.query("select from ip_asn_history where valid_to is null"), []);
    },
  },
  {
    name: "asn_inventory equals a recount, and the history the moves, after any writes",
    run: (sql) =>
      fc.assert(fc.asyncProperty(BATCHES, (batches) => checkBatches(sql, batches)), { numRuns: 25 }),
  },
];

const BATCHES = fc.array(
  fc.uniqueArray(
    fc.record({ host: fc.integer({ min: 1, max: 8 }), asn: fc.option(fc.integer({ min: 1, max: 3 })) }),
    { selector: ({ host }) => host, minLength: 1, maxLength: 8 },
  ),
  { minLength: 1, maxLength: 8 },
);

async function checkBatches(
  sql: SqlClient,
  batches: readonly (readonly { host: number; asn: number | null }[])[],
): Promise<void> {
  await sql.query("delete from ip_inventory");
  await sql.query("delete from ip_asn_history");
  const present = new Map<number, { revision: number; asn: number | null }>();
  let moves = 0;
  for (const batch of batches) {
    const rows = batch.map(({ host, asn }) => {
      const before = present.get(host) ?? { revision: 0, asn: null };
      if (before.asn !== null && asn !== before.asn) moves++;
      present.set(host, { revision: before.revision + 1, asn });
      const row = asn === null
        ? emptyRow(`203.0.113.${host}`, "global")
        : maxmindRow(`203.0.113.${host}`, asn);
      return { ...row, revision: before.revision };
    });
    await save(sql, rows);
    assertEquals(await findMiscounts(sql), []);
  }
  const [history] = await sql.query<{ closed: number; wrong: number }>(
    `select count(*) filter (where valid_to is not null)::int as closed,
      (select count(*)::int from ip_asn_history h join ip_inventory i using (ip_address)
        where h.valid_to is null and h.asn_number is distinct from i.asn_number) as wrong
    from ip_asn_history`,
  );
  assertEquals(history, { closed: moves, wrong: 0 });
}

async function save(sql: SqlClient, rows: readonly InventoryRow[]): Promise<void> {
  assertEquals(await createSqlInventoryStore(sql).saveMany(rows), []);
}

interface AsnLine {
  readonly asn: number;
  readonly org: string | null;
  readonly registry: string | null;
  readonly country: string | null;
  readonly count: number;
}

function readAsns(sql: SqlClient): Promise<AsnLine[]> {
  return sql.query(
    `select asn_number::int as asn, asn_org as org, registry, country_code as country, ip_count::int as count
    from asn_inventory order by asn_number`,
  );
}

async function readHistory(sql: SqlClient) {
  const rows = await sql.query<{ ip: string; asn: number; from_ms: number; to_ms: number | null }>(
    `select host(ip_address) as ip, asn_number::int as asn, date_part('epoch', valid_from) * 1000 as from_ms,
      date_part('epoch', valid_to) * 1000 as to_ms
    from ip_asn_history order by ip_address, valid_from, id`,
  );
  return rows.map(({ ip, asn, from_ms, to_ms }) => ({
    ip,
    asn,
    from: Math.round(from_ms),
    to: to_ms === null ? null : Math.round(to_ms),
  }));
}

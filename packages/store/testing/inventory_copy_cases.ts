import { emptyRow, type InventoryRow } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlInventoryStore } from "../inventory_store.ts";
import type { SqlClient } from "../sql_client.ts";
import { SqlError } from "../sql_error.ts";
import { findMiscounts } from "./recount.ts";
import { maxmindRow, NOON } from "./rows.ts";

const TEXTS = [
  "Leipzig",
  "",
  'tab\t feed\n return\r quote " slash \\ \\N',
  "\\.",
  "A\u0000B\u0001C\u0002\ud800D",
  "S\u00e3o 😀 \u007f\u2028",
];

/** Rows of every kind that texts, documents, numbers and instants can make. */
function listRows(prefix: string): InventoryRow[] {
  const rows = TEXTS.flatMap((text, index) => {
    const row = maxmindRow(`${prefix}.${index}`, 64_500 + index);
    const maxmind = { ...row.enrichment.maxmind!, city: text, asn_org: text, latitude: -0.1 / 3 };
    const named = { ...row, geoCity: text, asnOrg: text, enrichment: { ...row.enrichment, maxmind } };
    return [named, { ...named, ipAddress: `${prefix}.1${index}`, scannerAt: NOON, geoCountry: "XX" }];
  });
  const extremes: InventoryRow = {
    ...emptyRow(`${prefix}.201`, "global"),
    geoLatitude: -0,
    geoLongitude: 179.999_999_999_999_97,
    asnNumber: 4_294_967_295,
    enrichmentAt: 0,
    scannerAt: Date.UTC(2285, 0, 1),
    isScanner: true,
    cityBuildEpoch: Number.MAX_SAFE_INTEGER,
    asnBuildEpoch: Number.MIN_SAFE_INTEGER,
    attempts: {
      ...emptyRow("", "global").attempts,
      cymru: { outcome: "failed", attemptedAt: 0, retryAt: 1, failures: 2 ** 31 - 1 },
      greynoise: { outcome: "failed", attemptedAt: 0, retryAt: 1, failures: -(2 ** 31) },
    },
  };
  const addresses = ["2001:db8::1", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
  return [
    ...rows,
    emptyRow(`${prefix}.200`, "global"),
    extremes,
    ...addresses.map((address) => maxmindRow(address, 64_999)),
  ];
}

/** Counts the COPYs that succeed while nobody can alter the inventory, and passes everything on. */
function watchCopies(sql: SqlClient): { readonly client: SqlClient; copies(): number } {
  let copies = 0;
  const client: SqlClient = {
    query: (...args) => sql.query(...args),
    transaction: (...args) => sql.transaction(...args),
    copying: (work, options) =>
      sql.copying((tx) =>
        work({
          ...tx,
          copyIn: async (...args) => {
            const [row] = await tx.query<{ held: number }>(HELD_LOCKS);
            await tx.copyIn(...args);
            copies += row!.held;
          },
        }), options),
    close: () => sql.close(),
  };
  return { client, copies: () => copies };
}

/** Stores by COPY, and gives what was stored; the inventory is empty afterwards. */
async function saveWatched(
  sql: SqlClient,
  rows: readonly InventoryRow[],
): Promise<{ readonly stored: unknown[]; readonly copies: number }> {
  const { client, copies } = watchCopies(sql);
  assertEquals(await createSqlInventoryStore(client, { copyFrom: 1 }).saveMany(rows), []);
  const stored = await dump(sql);
  assertEquals(await findMiscounts(sql), []);
  await sql.query("delete from ip_inventory");
  return { stored, copies: copies() };
}

/** The same by a merge. */
async function saveMerged(sql: SqlClient, rows: readonly InventoryRow[]): Promise<unknown[]> {
  assertEquals(await createSqlInventoryStore(sql).saveMany(rows), []);
  const stored = await dump(sql);
  await sql.query("delete from ip_inventory");
  return stored;
}

/** Locks of this session with which nobody can alter the inventory; a COPY's own one is not there yet. */
const HELD_LOCKS = `select count(*)::int as held from pg_locks
  where pid = pg_backend_pid() and relation = 'ip_inventory'::regclass and mode = 'AccessShareLock'`;

/** A column, a type that somebody may give it, and its own. */
const RETYPED = [
  ["asn_number", "numeric", "bigint"],
  ["city_build_epoch", "double precision", "bigint"],
  ["asn_since", "timestamp", "timestamptz"],
  ["geo_latitude", "text", "float8 using geo_latitude::float8"],
  ["maxmind_failures", "bigint", "int"],
] as const;

/** Everything that was stored, but for the two instants at which it was. */
async function dump(sql: SqlClient): Promise<unknown[]> {
  return await sql.query(
    `select to_jsonb(i) - 'created_at' - 'updated_at' as stored from ip_inventory i order by ip_address`,
  );
}

/** What a COPY of new rows has to leave like a merge. */
export const INVENTORY_COPY_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "saveMany() leaves the same rows, whether by COPY or by a merge",
    run: async (sql) => {
      const rows = listRows("203.0.113");
      const { stored, copies } = await saveWatched(sql, rows);
      assertEquals(copies, 1);
      assertEquals(stored, await saveMerged(sql, rows));
      assertEquals(stored.length, rows.length);
    },
  },
  {
    name: "saveMany() merges rows whose numbers are of other types than their columns",
    run: async (sql) => {
      const { client, copies } = watchCopies(sql);
      const store = createSqlInventoryStore(client, { copyFrom: 1 });
      const row = { ...maxmindRow("203.0.113.1", 64_500), scannerAt: NOON + 0.5 };
      assertEquals(await store.saveMany([row]), []);
      assertEquals(copies(), 0);
      for (const asnNumber of [0.5, NaN, 2 ** 70]) {
        const wrong = { ...row, ipAddress: "203.0.113.2", asnNumber };
        await assertRejects(() => store.saveMany([wrong]), SqlError);
      }
      assertEquals(copies(), 0);
    },
  },
  {
    name: "saveMany() merges new rows while a column has another type",
    run: async (sql) => {
      const rows = listRows("203.0.113");
      for (const [column, type, own] of RETYPED) {
        const retype = (to: string) => sql.query(`alter table ip_inventory alter ${column} type ${to}`);
        await retype(type);
        try {
          const { stored, copies } = await saveWatched(sql, rows);
          assertEquals(copies, 0, column);
          assertEquals(stored, await saveMerged(sql, rows), column);
        } finally {
          await retype(own);
        }
      }
      assertEquals((await saveWatched(sql, rows)).copies, 1);
    },
  },
  {
    name: "saveMany() looks at the types of the columns before each COPY",
    run: async (sql) => {
      const { client, copies } = watchCopies(sql);
      const store = createSqlInventoryStore(client, { copyFrom: 1 });
      // As a number of `numeric` the bytes of this `bigint` are a valid one.
      const row = (index: number) => maxmindRow(`203.0.113.${index}`, 3_320);
      assertEquals(await store.saveMany([row(1)]), []);
      assertEquals(copies(), 1);
      await sql.query("alter table ip_inventory alter asn_number type numeric");
      try {
        assertEquals(await store.saveMany([row(2)]), []);
      } finally {
        await sql.query("alter table ip_inventory alter asn_number type bigint");
      }
      assertEquals(copies(), 1);
      assertEquals(await store.saveMany([row(3)]), []);
      assertEquals(copies(), 2);
      const found = await store.findMany([1, 2, 3].map((index) => row(index).ipAddress));
      assertEquals([...found.values()].map(({ asnNumber }) => asnNumber), [3_320, 3_320, 3_320]);
      assertEquals(await findMiscounts(sql), []);
    },
  },
  {
    name: "saveMany() merges when another was quicker with one of the rows, and tells which",
    run: async (sql) => {
      const rows = listRows("198.51.100");
      const store = createSqlInventoryStore(sql, { copyFrom: 1 });
      assertEquals(await store.saveMany(rows.slice(2, 3)), []);
      assertEquals(await store.saveMany(rows), [rows[2]!.ipAddress]);
      assertEquals((await dump(sql)).length, rows.length);
      assertEquals(await findMiscounts(sql), []);
      const more = listRows("192.0.2").slice(0, 5);
      assertEquals(await store.saveMany(more), []);
    },
  },
];

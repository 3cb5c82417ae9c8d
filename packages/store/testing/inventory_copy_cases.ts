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
    scannerAt: Date.UTC(9999, 11, 31, 23, 59, 59, 999),
    isScanner: true,
    cityBuildEpoch: Number.MAX_SAFE_INTEGER,
    asnBuildEpoch: -1,
  };
  const addresses = ["2001:db8::1", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
  return [
    ...rows,
    emptyRow(`${prefix}.200`, "global"),
    extremes,
    ...addresses.map((address) => maxmindRow(address, 64_999)),
  ];
}

/** Tells whether rows were written by COPY, and passes everything on. */
function watchCopies(sql: SqlClient): { readonly client: SqlClient; copies(): number } {
  let copies = 0;
  const client: SqlClient = {
    ...sql,
    query: (...args) => sql.query(...args),
    transaction: (...args) => sql.transaction(...args),
    copying: (...args) => {
      copies++;
      return sql.copying(...args);
    },
  };
  return { client, copies: () => copies };
}

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
      const { client, copies } = watchCopies(sql);
      assertEquals(await createSqlInventoryStore(client, { copyFrom: 1 }).saveMany(rows), []);
      assertEquals(copies(), 1);
      const copied = await dump(sql);
      assertEquals(await findMiscounts(sql), []);
      await sql.query("delete from ip_inventory");
      assertEquals(await createSqlInventoryStore(sql).saveMany(rows), []);
      assertEquals(copied, await dump(sql));
      assertEquals(copied.length, rows.length);
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
    name: "saveMany() stores new rows although somebody gave columns other types",
    run: async (sql) => {
      const retype = (type: string) =>
        sql.query(`alter table ip_inventory alter maxmind_failures type ${type},
          alter city_build_epoch type ${type === "int" ? "bigint" : "int"}`);
      const rows = listRows("203.0.113").filter(({ cityBuildEpoch }) => (cityBuildEpoch ?? 0) < 2 ** 31);
      await retype("bigint");
      try {
        const { client, copies } = watchCopies(sql);
        assertEquals(await createSqlInventoryStore(client, { copyFrom: 1 }).saveMany(rows), []);
        assertEquals(copies(), 1);
        assertEquals((await dump(sql)).length, rows.length);
      } finally {
        await sql.query("delete from ip_inventory");
        await retype("int");
      }
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

import { assertEquals } from "@std/assert";
import { migrate } from "./migrate.ts";
import type { SqlClient } from "./sql_client.ts";
import { openMemoryPglite } from "./testing/databases.ts";
import { findWriteBar } from "./write_access.ts";

const CURRENT = { version: 11, latest: 11 };
const OLDER = { version: 10, latest: 11 };
const EMPTY = { version: 0, latest: 11 };

Deno.test("findWriteBar() names what keeps a user from writing, and writes nothing itself", async (t) => {
  const sql = await openMemoryPglite();
  await sql.query("create role reader");
  const as = async (role: string, schema: typeof CURRENT) => {
    await sql.query(`set role ${role}`);
    const found = await findWriteBar(sql, schema);
    await sql.query("reset role");
    return found?.message ?? null;
  };

  await t.step("an owner has none, with tables and without", async () => {
    assertEquals(await findWriteBar(sql, EMPTY), null);
    await migrate(sql);
    assertEquals(await findWriteBar(sql, CURRENT), null);
    assertEquals(await findWriteBar(sql, OLDER), null);
  });

  await t.step("a user who may only read", async () => {
    await sql.query("grant select on all tables in schema public to reader");
    assertEquals(
      await as("reader", CURRENT),
      'the user "reader" may not write the tables alert_state, asn_inventory, coverage_snapshot and 8 more',
    );
  });

  await t.step("one table that may not be written, by either statement", async () => {
    await sql.query("grant insert, update on all tables in schema public to reader");
    assertEquals(await as("reader", CURRENT), null);
    for (const privilege of ["insert", "update"]) {
      await sql.query(`revoke ${privilege} on job_run from reader`);
      assertEquals(await as("reader", CURRENT), 'the user "reader" may not write the table job_run');
      await sql.query("grant insert, update on job_run to reader");
    }
  });

  await t.step("a schema that this user can't make or change", async () => {
    const end = "the schema can't be brought up to date";
    assertEquals(await as("reader", EMPTY), `the user "reader" may not make tables: ${end}`);
    await sql.query("grant create on schema public to reader");
    assertEquals(
      await as("reader", OLDER),
      `the user "reader" does not own the tables alert_state, asn_inventory, coverage_snapshot and 8 more: ${end}`,
    );
  });

  await t.step("read-only transactions", async () => {
    await sql.query("set default_transaction_read_only = on");
    assertEquals(await findWriteBar(sql, CURRENT), {
      reason: "read_only",
      message:
        'the user "postgres" has read-only transactions (default_transaction_read_only): nothing can be written',
    });
  });
  await sql.close();
});

Deno.test("findWriteBar() tells a standby from a database that is read-only by its settings", async () => {
  const row = {
    is_standby: true,
    is_read_only: true,
    who: "op",
    can_create: true,
    closed: null,
    foreign_tables: null,
  };
  const standby = { query: () => Promise.resolve([row]) } as unknown as SqlClient;
  assertEquals(await findWriteBar(standby, CURRENT), {
    reason: "standby",
    message: "the server is a standby in recovery: nothing can be written there",
  });
});

import { StoreError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { openPostgresServer } from "../testkit/postgres_server.ts";
import { migrate } from "./migrate.ts";
import { type Migration, MIGRATIONS } from "./migrations/mod.ts";
import { connectServer, openMemoryPglite } from "./testing/databases.ts";

const FIRST: Migration = {
  version: 1,
  name: "first",
  statements: ["create table one (a int)", "insert into one values (1)"],
};
const SECOND: Migration = { version: 2, name: "second", statements: ["alter table one add column b int"] };

Deno.test("MIGRATIONS are numbered without gaps and have names of their own", () => {
  assertEquals(MIGRATIONS.map(({ version }) => version), MIGRATIONS.map((_, index) => index + 1));
  assertEquals(new Set(MIGRATIONS.map(({ name }) => name)).size, MIGRATIONS.length);
});

Deno.test("migrate() applies what is missing, once, and refuses what it doesn't know", async (t) => {
  const sql = await openMemoryPglite();
  const readOnes = () => sql.query("select * from one");
  try {
    await t.step("it leaves nothing behind when a step fails", async () => {
      const broken = { ...SECOND, statements: ["alter table one add column b int", "broken"] };
      await assertRejects(() => migrate(sql, [FIRST, broken]), StoreError, "broken");
      await assertRejects(readOnes, StoreError, "does not exist");
    });
    await t.step("it applies the steps in order and says which", async () => {
      assertEquals(await migrate(sql, [FIRST]), { version: 1, applied: [1] });
      assertEquals(await migrate(sql, [FIRST]), { version: 1, applied: [] });
      assertEquals(await migrate(sql, [FIRST, SECOND]), { version: 2, applied: [2] });
      assertEquals(await readOnes(), [{ a: 1, b: null }]);
    });
    await t.step("it refuses the schema of a newer program", async () => {
      const message = "its schema is version 2, this program knows 1 and is too old";
      await assertRejects(() => migrate(sql, [FIRST]), StoreError, message);
    });
    await t.step("it refuses a schema whose steps differ", async () => {
      const edited = { ...FIRST, statements: ["create table one (a bigint)"] };
      await assertRejects(
        () => migrate(sql, [edited, SECOND]),
        StoreError,
        'schema step 1 "first" is not the one',
      );
      await assertRejects(
        () => migrate(sql, [edited, SECOND, { ...SECOND, version: 3 }]),
        StoreError,
        "schema step 1",
      );
      assertEquals(await readOnes(), [{ a: 1, b: null }]);
    });
  } finally {
    await sql.close();
  }
});

Deno.test("migrate() succeeds for everybody when several start at once on a server", async () => {
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const clients = Array.from({ length: 6 }, () => connectServer(url, 1));
  try {
    const results = await Promise.all(clients.map((client) => migrate(client)));
    assertEquals(results.map(({ version }) => version), clients.map(() => MIGRATIONS.length));
    const applied = results.flatMap((result) => result.applied);
    assertEquals(applied, MIGRATIONS.map(({ version }) => version));
    const rows = await clients[0]!.query(
      "select version::int as version, name from schema_migration order by version",
    );
    assertEquals(rows, MIGRATIONS.map(({ version, name }) => ({ version, name })));
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
});

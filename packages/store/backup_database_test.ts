import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "@ipcascade/core";
import { BACKED_UP_TABLES, LEFT_OUT_TABLES } from "./backup_catalogue.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/mod.ts";
import { openBackupDatabase } from "./testing/backups.ts";
import { checkUpgrade, writeTimelessRows } from "./testing/backup_upgrade_cases.ts";
import { openMemoryPglite } from "./testing/databases.ts";

Deno.test("the backup of a database on PGlite", async (t) => {
  const sql = await openMemoryPglite();
  await migrate(sql);

  await t.step(
    "BACKED_UP_TABLES and LEFT_OUT_TABLES name every table that a migration makes, once",
    async () => {
      const rows = await sql.query<{ name: string }>(
        "select tablename::text as name from pg_tables where schemaname = 'public' order by 1",
      );
      const listed = [...BACKED_UP_TABLES, ...LEFT_OUT_TABLES].map(({ table }) => table).sort();
      assertEquals(rows.map(({ name }) => name), listed);
      for (const { reason, table } of LEFT_OUT_TABLES) assert(reason.length > 0, table);
    },
  );

  await t.step(
    "BACKED_UP_TABLES have their primary keys, and refer to no table that comes later",
    async () => {
      const keys = await sql.query<{ table: string; key: string }>(
        `select c.relname::text as "table", (select string_agg(a.attname, ',' order by k.place)
        from unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) as key
      from pg_index i join pg_class c on c.oid = i.indrelid where i.indisprimary`,
      );
      const places = new Map(BACKED_UP_TABLES.map(({ table }, index) => [table, index]));
      for (const { table, key } of BACKED_UP_TABLES) {
        assertEquals(keys.find((row) => row.table === table)?.key, key.join(","), table);
      }
      const references = await sql.query<{ own: string; other: string }>(
        `select conrelid::regclass::text as own, confrelid::regclass::text as other from pg_constraint
      where contype = 'f'`,
      );
      for (const { own, other } of references) {
        const [place, earlier] = [places.get(own), places.get(other)];
        if (place !== undefined) {
          assert(
            earlier !== undefined && earlier <= place,
            `${own} refers to ${other}`,
          );
        }
      }
    },
  );

  await t.step(
    "snapshot() gives a database an id that it keeps, and none where it may not write",
    async () => {
      const idOf = () => openBackupDatabase(sql).snapshot(({ origin }) => Promise.resolve(origin.id));
      await sql.query("set default_transaction_read_only = on");
      assertEquals(await idOf(), null);
      await sql.query("set default_transaction_read_only = off");
      const id = await idOf();
      assertEquals(id?.length, 36);
      await sql.query("set default_transaction_read_only = on");
      assertEquals(await idOf(), id);
      await sql.query("set default_transaction_read_only = off");
    },
  );

  await t.step("replace() and rehearse() refuse rows of a schema that nobody knows", async () => {
    const database = openBackupDatabase(sql);
    for (const schemaVersion of [0, MIGRATIONS.length + 1, 1.5]) {
      const never = () => Promise.reject(new TypeError("this is not called"));
      const message = `schema version ${schemaVersion}: this program knows 1 to ${MIGRATIONS.length}`;
      await assertRejects(() => database.replace(never, { schemaVersion, waitMs: 0 }), StoreError, message);
      await assertRejects(() => database.rehearse(never, { schemaVersion }), StoreError, message);
    }
  });

  await writeTimelessRows(sql);
  for (let version = 1; version < MIGRATIONS.length; version++) {
    await t.step(
      `replace() and rehearse() bring up rows of schema version ${version}`,
      () => checkUpgrade(sql, version),
    );
  }
  await sql.close();
});

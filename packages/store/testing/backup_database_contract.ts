import { assert, assertEquals, assertRejects } from "@std/assert";
import { BackupRefusedError, StoreError } from "@ipcascade/core";
import type { ContractCase } from "../../testkit/contract.ts";
import { BACKED_UP_TABLES } from "../backup_catalogue.ts";
import { MIGRATIONS } from "../migrations/mod.ts";
import type { SqlClient } from "../sql_client.ts";
import { SqlError } from "../sql_error.ts";
import {
  digestTables,
  loadBackup,
  openBackupDatabase,
  pieces,
  readBackup,
  restoreBackup,
  takeBackup,
} from "./backups.ts";
import { changeEverything, writeManyRows, writeUglyRows } from "./backup_rows.ts";
import { findMiscounts } from "./recount.ts";

const NOW = { schemaVersion: MIGRATIONS.length, waitMs: 0 };

/** What a database promises to backups. */
export const BACKUP_DATABASE_CONTRACT: readonly ContractCase<SqlClient>[] = [
  {
    name: "snapshot() gives every table with its shape, and says which database it is",
    run: async (sql) => {
      await writeUglyRows(sql);
      const [first, again] = [await takeBackup(sql), await takeBackup(sql)];
      assertEquals(first, again);
      assertEquals(first.tables.map(({ table }) => table), BACKED_UP_TABLES.map(({ table }) => table));
      for (const { table, rows } of first.tables) assert(rows > 0, table);
      assertEquals(first.schema.version, MIGRATIONS.length);
      assertEquals(first.schema.checksum.length, 64);
      const history = first.tables.find(({ table }) => table === "ip_asn_history")!;
      const [{ next }] = await sql.query<{ next: number }>(
        "select max(id)::int + 1 as next from ip_asn_history",
      ) as [{ next: number }];
      assertEquals(history.sequence, { column: "id", next: String(next) });
      const names = first.tables[0]!.columns.map(({ name }) => name);
      assertEquals([names.includes("ip_address"), names.includes("cymru_due_at")], [true, false]);
      const [row] = await sql.query<{ rows: number }>("select count(*)::int as rows from ip_inventory");
      await openBackupDatabase(sql).snapshot(async ({ origin, estimateRows, countRows }) => {
        assertEquals([origin.kind, origin.id?.length], ["server", 36]);
        assertEquals(await estimateRows("ip_inventory") >= -1, true);
        assertEquals(await countRows("ip_inventory"), row!.rows);
      });
    },
  },
  {
    name: "replace() brings every row back byte for byte, with its numbers and triggers",
    run: async (sql) => {
      await writeUglyRows(sql);
      const [before, backup] = [await digestTables(sql), await takeBackup(sql)];
      await changeEverything(sql);
      const carries = await restoreBackup(sql, backup);
      assertEquals(carries, []);
      assertEquals(await digestTables(sql), before);
      assertEquals(await takeBackup(sql), backup);
      const history = backup.tables.find(({ table }) => table === "ip_asn_history")!;
      await sql.query("update ip_inventory set asn_number = 64509 where ip_address = '192.0.2.2'");
      await sql.query("insert into ip_inventory (ip_address, asn_number) values ('192.0.2.9', 64509)");
      await sql.query("update ip_inventory set asn_number = 64510 where ip_address = '192.0.2.9'");
      const rows = await sql.query<{ id: string }>(
        `select id::text as id from ip_asn_history where ip_address = '192.0.2.9' order by id`,
      );
      assertEquals(rows[0]?.id, history.sequence!.next);
      assertEquals(await findMiscounts(sql), []);
    },
  },
  {
    name: "replace() shows what it is going to replace, and what was loaded, as it is",
    run: async (sql) => {
      await writeUglyRows(sql);
      const backup = await takeBackup(sql);
      await changeEverything(sql);
      const changed = await takeBackup(sql);
      const work = openBackupDatabase(sql).replace(async (replaced) => {
        assertEquals(await readBackup(replaced.old), changed);
        const tables = await replaced.clear();
        await loadBackup(tables, backup);
        const loaded = [];
        for (const { content, ...table } of backup.tables) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of tables.read(table)) chunks.push(chunk);
          loaded.push(new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()));
          assertEquals(loaded.at(-1), content, table.table);
        }
      }, NOW);
      await assertRejects(() => work, TypeError, "nobody finished");
      assertEquals(await takeBackup(sql), changed);
    },
  },
  {
    name: "replace() leaves everything as it was when the work fails, at whatever point",
    run: async (sql) => {
      await writeUglyRows(sql);
      const backup = await takeBackup(sql);
      await changeEverything(sql);
      const before = await digestTables(sql);
      const enough = () => Promise.reject(new RangeError("enough"));
      await assertRejects(() => restoreBackup(sql, backup, { check: enough }), RangeError, "enough");
      assertEquals(await digestTables(sql), before);
      const database = openBackupDatabase(sql);
      const [inventory] = backup.tables;
      const halves = inventory!.content.subarray(0, inventory!.content.length - 60);
      const error = await assertRejects(
        () =>
          database.replace(async (replaced) => {
            await (await replaced.clear()).load(inventory!, pieces(halves, 100));
          }, NOW),
        SqlError,
      );
      assertEquals(error.sqlState?.slice(0, 2), "22", error.message);
      assertEquals(await digestTables(sql), before);
      await sql.query("update ip_inventory set asn_number = 77");
      assertEquals(await findMiscounts(sql), []);
    },
  },
  {
    name: "load() names columns that the database has not, or has of another type, before a row is sent",
    run: async (sql) => {
      await writeUglyRows(sql);
      const backup = await takeBackup(sql);
      const before = await digestTables(sql);
      const [table] = backup.tables.filter((one) => one.table === "source_rate");
      const columns = table!.columns;
      const cases = [
        [{ ...table!, columns: [...columns, { name: "extra", type: "text" }] }, 'its column "extra" is text'],
        [
          { ...table!, columns: columns.map(({ name }) => ({ name, type: "text" })) },
          "timestamp with time zone",
        ],
        [{ ...table!, table: "pg_class" }, "no such table"],
      ] as const;
      for (const [shape, message] of cases) {
        let isAsked = false;
        const rows: AsyncIterable<Uint8Array> = {
          [Symbol.asyncIterator]: () => {
            isAsked = true;
            return pieces(table!.content, 10)[Symbol.asyncIterator]();
          },
        };
        const database = openBackupDatabase(sql);
        await assertRejects(
          () => database.replace(async (replaced) => await (await replaced.clear()).load(shape, rows), NOW),
          StoreError,
          message,
        );
        assertEquals(isAsked, false);
      }
      assertEquals(await digestTables(sql), before);
    },
  },
  {
    name: "replace() takes columns that somebody added along, and lets their triggers rest",
    run: async (sql) => {
      await sql.query("alter table sessions add column note text");
      await sql.query(`create function note_it() returns trigger language plpgsql as
        $$begin new.note = 'by trigger'; return new; end$$`);
      await sql.query(
        "create trigger noting before insert on sessions for each row execute function note_it()",
      );
      await sql.query("alter table sessions enable always trigger noting");
      try {
        await writeUglyRows(sql);
        await sql.query("update sessions set note = 'by hand'");
        const [before, backup] = [await digestTables(sql), await takeBackup(sql)];
        await changeEverything(sql);
        await restoreBackup(sql, backup);
        assertEquals(await digestTables(sql), before);
        await openBackupDatabase(sql).rehearse(async (tables) => {
          await loadBackup(tables, backup);
          const changes = await tables.differences(backup.tables);
          assertEquals(changes.reduce((sum, { added, changed, lost }) => sum + added + changed + lost, 0), 0);
        }, NOW);
        await sql.query("insert into sessions (session_id) values ('new')");
        const rows = await sql.query(
          `select note, (select tgenabled::text from pg_trigger where tgname = 'noting') as mode
          from sessions where session_id = 'new'`,
        );
        assertEquals(rows, [{ note: "by trigger", mode: "A" }]);
      } finally {
        await sql.query("drop trigger noting on sessions");
        await sql.query("drop function note_it()");
        await sql.query("alter table sessions drop column note");
      }
    },
  },
  {
    name: "replace() and rehearse() name a table of somebody else that refers to the rows, before any work",
    run: async (sql) => {
      await writeUglyRows(sql);
      const backup = await takeBackup(sql);
      await sql.query("create table notes (ip_address inet references ip_inventory on delete cascade)");
      try {
        await sql.query("insert into notes values ('192.0.2.1')");
        const before = await digestTables(sql);
        const database = openBackupDatabase(sql);
        let isAsked = false;
        const work = () => Promise.resolve(void (isAsked = true));
        const tries = [
          () => restoreBackup(sql, backup),
          () => database.replace(work, NOW),
          () => database.rehearse(work, NOW),
        ];
        for (const attempt of tries) {
          await assertRejects(attempt, BackupRefusedError, "the table notes, which no backup holds");
        }
        assertEquals(isAsked, false);
        assertEquals(await digestTables(sql), before);
        assertEquals(await sql.query("select count(*)::int as rows from notes"), [{ rows: 1 }]);
      } finally {
        await sql.query("drop table notes");
      }
    },
  },
  {
    name: "rehearse() counts what a restore would change, and changes nothing",
    run: async (sql) => {
      await writeUglyRows(sql);
      await writeManyRows(sql, 3_000);
      const backup = await takeBackup(sql);
      await sql.query("delete from ip_inventory where ip_address < '10.0.0.11'");
      await sql.query("update ip_inventory set geo_city = null where ip_address = '192.0.2.1'");
      await sql.query("insert into ip_inventory (ip_address) values ('198.51.100.1'), ('198.51.100.2')");
      await sql.query("delete from alert_state");
      const before = await digestTables(sql);
      const differences = await openBackupDatabase(sql).rehearse(async (tables) => {
        await loadBackup(tables, backup);
        return await tables.differences(backup.tables);
      }, NOW);
      const of = (name: string) => differences.find(({ table }) => table === name);
      assertEquals(of("ip_inventory"), {
        table: "ip_inventory",
        added: 10,
        changed: 1,
        lost: 2,
        same: 2_992,
      });
      assertEquals(of("alert_state"), { table: "alert_state", added: 1, changed: 0, lost: 0, same: 0 });
      assertEquals(of("request_hour"), { table: "request_hour", added: 0, changed: 0, lost: 0, same: 2 });
      assertEquals(differences.length, BACKED_UP_TABLES.length);
      assertEquals(await digestTables(sql), before);
      const schemas = await sql.query(
        "select 1::int as one from pg_namespace where nspname like 'ipcascade_restore%'",
      );
      assertEquals(schemas, []);
    },
  },
];

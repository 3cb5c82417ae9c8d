import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { MIGRATIONS } from "../migrations/mod.ts";
import type { SqlClient } from "../sql_client.ts";
import { loadBackup, openBackupDatabase, restoreBackup, takeBackup } from "./backups.ts";

const NOW = { schemaVersion: MIGRATIONS.length, waitMs: 0 };

/** What of the database that is replaced outlives a restore. */
export const BACKUP_SETTLE_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "settle() keeps units spent and sources closed, and ends runs that nobody ends any more",
    run: async (sql) => {
      const window = (used: number, closedUntil: string | null, hours = 1) =>
        sql.query(
          `insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used, closed_until, counting)
          values ('greynoise', '2026-01-01 00:00:00+00', date_trunc('day', now()) + $3::int * interval '1 day', 100,
            $1::bigint, $2::text::timestamptz, 3)
          on conflict (source, starts_at, ends_at) do update set used = excluded.used,
            closed_until = excluded.closed_until, counting = l.counting + 1`,
          [used, closedUntil, hours],
        );
      const read = () =>
        sql.query(`select used::int as used, closed_until::text as closed, counting::int as counting
          from quota_ledger order by ends_at`);
      await window(10, null, 2);
      await window(20, null, 3);
      await window(5, null, -1);
      await sql.query(
        `insert into job_run (id, job, started_by, actor, started_at, seen_at) values
        (gen_random_uuid(), 'refresh-stale', 'timer', 'bob', '2026-01-01 00:00:00+00', '2026-01-01 00:05:00+00')`,
      );
      const backup = await takeBackup(sql);
      await window(15, "infinity", 2);
      await window(8, null, 3);
      await window(9, null, -1);
      await window(1, null, 4);
      const carries = await restoreBackup(sql, backup);
      assertEquals(carries.map(({ table, rows }) => [table, rows]), [["quota_ledger", 2], ["job_run", 1]]);
      assertEquals(await read(), [
        { used: 5, closed: null, counting: 3 },
        { used: 15, closed: "infinity", counting: 4 },
        { used: 20, closed: null, counting: 3 },
        { used: 1, closed: null, counting: 3 },
      ]);
      const runs = await sql.query("select outcome, ended_at = seen_at as is_seen, message from job_run");
      const message = "(the backup that was restored was taken while it ran)";
      assertEquals(runs, [{ outcome: "stopped", is_seen: true, message }]);
    },
  },
  {
    name:
      "settle() keeps runs since the backup and ends that it does not know; rehearse() counts none of them lost",
    run: async (sql) => {
      const start = (number: number, seen = "now() - interval '1 day'") =>
        sql.query(
          `insert into job_run (id, job, started_by, actor, started_at, seen_at)
          values ('00000000-0000-4000-8000-00000000000${number}', 'back-up', 'timer', 'bob', now(), ${seen})`,
        );
      const end = (number: number) =>
        sql.query(
          `update job_run set ended_at = seen_at, outcome = 'succeeded', message = 'is there', counts = '{"rows": 1}'
          where id = '00000000-0000-4000-8000-00000000000${number}'`,
        );
      const read = () =>
        sql.query(
          `select right(id::text, 1)::int as run, outcome, message, counts::text as counts from job_run order by id`,
        );
      const open = { outcome: null, message: null, counts: "{}" };
      const ended = { outcome: "succeeded", message: "is there", counts: '{"rows": 1}' };
      const stopped = {
        ...open,
        outcome: "stopped",
        message: "(the backup that was restored was taken while it ran)",
      };
      for (const run of [1, 2, 3, 4]) await start(run);
      await end(1);
      const backup = await takeBackup(sql);
      await sql.query("update job_run set message = 'forged' where outcome is not null");
      await end(2);
      await sql.query("update job_run set seen_at = now() where id::text like '%3'");
      await start(5);
      await end(5);
      await start(6);
      await start(7, "now()");
      const differences = await openBackupDatabase(sql).rehearse(async (tables) => {
        await loadBackup(tables, backup);
        return await tables.differences(backup.tables);
      }, NOW);
      assertEquals(differences.find(({ table }) => table === "job_run"), {
        table: "job_run",
        added: 0,
        changed: 2,
        lost: 0,
        same: 5,
      });
      const carries = await restoreBackup(sql, backup);
      assertEquals(carries.map(({ table, rows }) => [table, rows]), [["job_run", 5], ["job_run", 1]]);
      assertEquals(await read(), [
        { run: 1, ...ended },
        { run: 2, ...ended },
        { run: 3, ...open },
        { run: 4, ...stopped },
        { run: 5, ...ended },
        { run: 6, ...open },
        { run: 7, ...open },
      ]);
      await sql.query("delete from job_run");
      const again = await restoreBackup(sql, backup);
      assertEquals(again.map(({ rows }) => rows), [3], "nobody knows more of them");
    },
  },
  {
    name: "settle() keeps changes of quotas since the backup, under new numbers where theirs are taken",
    run: async (sql) => {
      const change = (actor: string, at: string) =>
        sql.query(
          `insert into quota_audit (source, action, actor, reason, before, after, at)
          values ('greynoise', 'set', $1::text, null, '{"used": 1.0}', '{}', $2::text::timestamptz)`,
          [actor, at],
        );
      const read = () =>
        sql.query<{ id: number; actor: string }>("select id::int as id, actor from quota_audit order by id");
      await change("alice", "2026-01-01 00:00:00+00");
      await change("bob", "2026-01-02 00:00:00+00");
      const [first] = await read();
      const backup = await takeBackup(sql);
      const at = (place: number) => first!.id + place;
      await sql.query("delete from quota_audit where actor = 'bob'");
      await sql.query("alter table quota_audit alter column id restart with " + at(1));
      await change("carol", "2026-01-03 00:00:00+00");
      await change("dave", "2026-01-04 00:00:00+00");
      const carries = await restoreBackup(sql, backup);
      assertEquals(carries.map(({ table, rows }) => [table, rows]), [["quota_audit", 2]]);
      const kept = [
        { id: at(0), actor: "alice" },
        { id: at(1), actor: "bob" },
        { id: at(2), actor: "dave" },
        { id: at(3), actor: "carol" },
      ];
      assertEquals(await read(), kept);
      await change("erin", "2026-01-05 00:00:00+00");
      assertEquals(await read(), [...kept, { id: at(4), actor: "erin" }]);
      assertEquals((await restoreBackup(sql, backup)).map(({ rows }) => rows), [3], "nothing twice");
      assertEquals(await read(), [...kept, { id: at(4), actor: "erin" }]);
    },
  },
];

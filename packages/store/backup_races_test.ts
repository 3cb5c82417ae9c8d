import { assert, assertEquals, assertRejects } from "@std/assert";
import { BackupRefusedError, LockHeldError, type LockHolder, type SnapshotTables } from "@ipcascade/core";
import { openPostgresServer } from "../testkit/postgres_server.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/mod.ts";
import type { SqlClient } from "./sql_client.ts";
import { SqlError } from "./sql_error.ts";
import { loadBackup, openBackupDatabase, readBackup, restoreBackup, takeBackup } from "./testing/backups.ts";
import { changeEverything, writeManyRows, writeUglyRows } from "./testing/backup_rows.ts";
import { connectServer, resetDatabase } from "./testing/databases.ts";
import { findMiscounts } from "./testing/recount.ts";

const VERSION = MIGRATIONS.length;

Deno.test("backups of a server at which others work", async (t) => {
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const sql = connectServer(url);
  const other = connectServer(url);
  await migrate(sql);

  await t.step("snapshot() has the address of every session while writers add both", async () => {
    await resetDatabase(sql);
    await writeManyRows(sql, 2_000);
    const writers = startWriters(other, [writePair]);
    for (let round = 0; round < 5; round++) {
      const missing = await openBackupDatabase(sql).snapshot(async (tables) => {
        // Sessions first: what is written meanwhile would show.
        const sessions = await readFields(tables, "sessions", "source_ip");
        await waitForMore(writers);
        const addresses = new Set(await readFields(tables, "ip_inventory", "ip_address"));
        return sessions.filter((address) => !addresses.has(address));
      });
      assertEquals(missing, []);
    }
    await writers.stop();
  });

  await t.step("replace() among writers of crossing orders ends without a deadlock on any side", async () => {
    await resetDatabase(sql);
    await writeManyRows(sql, 500);
    const backup = await takeBackup(sql);
    const before = await countDeadlocks(sql);
    const works = [writePair, writePair, writeBackwards, writeBackwards, writeForwards];
    const writers = startWriters(other, works);
    for (let round = 0; round < 3; round++) {
      await restoreBackup(sql, backup);
      await waitForMore(writers);
    }
    await writers.stop();
    assertEquals(await countDeadlocks(sql), before);
    assertEquals(await findMiscounts(sql), []);
  });

  await t.step(
    "replace() names who holds what, gives up after its time, and goes on when they end",
    async () => {
      await resetDatabase(sql);
      await writeUglyRows(sql);
      const backup = await takeBackup(sql);
      await changeEverything(sql);
      const held = await holdLock(other, "update quota_ledger set used = used");
      const told: (readonly LockHolder[])[] = [];
      const onWait = (holders: readonly LockHolder[]) => void told.push(holders);
      const begin = performance.now();
      const error = await assertRejects(
        () => restoreBackup(sql, backup, { waitMs: 700, onWait }),
        LockHeldError,
      );
      assert(performance.now() - begin < 5_000);
      const [holder] = told[0]!;
      assertEquals([holder?.pid, holder?.table], [held.pid, "quota_ledger"]);
      assert(holder!.who.includes('user "postgres" at 127.0.0.1'), holder!.who);
      assert(error.message.includes(`(process ${held.pid}) uses quota_ledger`), error.message);
      const restoring = restoreBackup(sql, backup, { waitMs: 60_000, onWait: () => held.end() });
      await restoring;
      assertEquals((await takeBackup(sql)).tables, backup.tables);
    },
  );

  await t.step("replace() stops waiting when it is told to", async () => {
    const held = await holdLock(other, "update source_rate set next_at = next_at");
    const stop = new AbortController();
    const onWait = () => stop.abort(new RangeError("stopped"));
    const work = restoreBackup(sql, await takeBackup(sql), { waitMs: 60_000, onWait, signal: stop.signal });
    await assertRejects(() => work, RangeError, "stopped");
    held.end();
    await held.done;
  });

  await t.step("replace() puts a try off while somebody would look for deadlocks during it", async () => {
    const held = await holdLock(other, "update quota_ledger set used = used");
    const waiting = once(other, ["update quota_ledger set used = used + 1"]);
    await waitForWaiter(sql, 600);
    let tries = 0;
    const spy = watchStatements(sql, async (statement) => {
      if (statement.startsWith("do $$")) tries++;
      await Promise.resolve();
    });
    const deadlocks = await countDeadlocks(sql);
    const restoring = restoreBackup(spy, await takeBackup(sql), { waitMs: 60_000 });
    await waitForWaiter(sql, 1_500);
    held.end();
    await Promise.all([waiting, restoring, held.done]);
    assert(tries > 1, "there were tries in vain");
    assertEquals(await countDeadlocks(sql), deadlocks);
  });

  await t.step("snapshot() never sees tables that a restore empties, whenever it begins", async () => {
    await resetDatabase(sql);
    await writeUglyRows(sql);
    const backup = await takeBackup(sql);
    const taking: Promise<unknown>[] = [];
    let during = 0;
    const spy = watchStatements(sql, async (statement) => {
      if (!/^(truncate|analyze)/.test(statement)) return;
      // It waits for the restore, which it must not see half of.
      taking.push(takeBackup(other).then((taken) => assertEquals(taken.tables, backup.tables)));
      during++;
      await pause(200);
    });
    await restoreBackup(spy, backup, { waitMs: 60_000 });
    await Promise.all(taking);
    assert(during >= 2);
  });

  await t.step("replace() waits for a snapshot that is being read, and is not seen in it", async () => {
    const backup = await takeBackup(sql);
    await other.query("delete from sessions");
    let restoring: Promise<unknown> | null = null;
    await openBackupDatabase(other).snapshot(async (tables) => {
      restoring = restoreBackup(sql, backup, { waitMs: 60_000 });
      await pause(300);
      const sessions = tables.tables.find(({ table }) => table === "sessions")!;
      for await (const _ of tables.read(sessions)) throw new Error("a row of the restore is seen");
    });
    await restoring;
    assertEquals((await takeBackup(sql)).tables, backup.tables);
  });

  await t.step(
    "replace() is done when the answer to its commit is lost, and undone when the commit is",
    async () => {
      const backup = await takeBackup(sql);
      const lost = (when: "before" | "after"): SqlClient => ({
        ...sql,
        copying: async (work, options) => {
          const broken = new SqlError("the connection was lost", "CONNECTION_CLOSED");
          const result = await sql.copying(async (tx) => {
            const value = await work(tx);
            if (when === "before") throw broken;
            return value;
          }, options);
          throw options?.isSnapshot ? new Error(`a snapshot gives ${result}`) : broken;
        },
      });
      await other.query("delete from sessions");
      const changed = (await takeBackup(sql)).tables;
      await assertRejects(() => restoreBackup(lost("before"), backup), SqlError, "lost");
      assertEquals((await takeBackup(sql)).tables, changed);
      await restoreBackup(lost("after"), backup);
      assertEquals((await takeBackup(sql)).tables, backup.tables);
    },
  );

  await t.step("snapshot() fails where the role sees only some of the rows", async () => {
    await sql.query("create role some_rows login password 'x'");
    await sql.query("grant select on all tables in schema public to some_rows");
    await sql.query("grant select on all sequences in schema public to some_rows");
    await sql.query("alter table sessions enable row level security");
    await sql.query("create policy few on sessions using (session_id < 'm')");
    const limited = connectServer(url.replace(/\/\/[^@]*@/, "//some_rows:x@"), 1);
    try {
      await assertRejects(() => takeBackup(limited), SqlError, "row-level security");
      await assertRejects(
        async () => restoreBackup(limited, await takeBackup(sql)),
        BackupRefusedError,
        "its owner",
      );
    } finally {
      await limited.close();
      await sql.query("drop policy few on sessions");
      await sql.query("alter table sessions disable row level security");
      await sql.query("drop owned by some_rows");
      await sql.query("drop role some_rows");
    }
  });

  await t.step("copying() fails when its connection is killed, whichever way the rows go", async () => {
    await resetDatabase(sql);
    await writeManyRows(sql, 20_000);
    const before = (await takeBackup(sql)).tables.map(({ rows }) => rows);
    const killed = async (work: () => Promise<unknown>) => {
      const error = await assertRejects(work, SqlError);
      assert(/57P01|CONNECTION|ECONNRESET|EPIPE/.test(error.sqlState ?? ""), error.message);
    };
    const shape = { ...BACKED_UP_TABLES[0]!, columns: [{ name: "ip_address", type: "inet" }] };
    // More than the socket holds: the server is not done when the first piece is here.
    await sql.query(
      "create table wide as select n as id, repeat(md5(n::text), 1000) as word from generate_series(1, 1000) n",
    );
    const wide = {
      table: "wide",
      key: ["id"],
      columns: [{ name: "id", type: "integer" }, { name: "word", type: "text" }],
    };
    await killed(() =>
      sql.copying(async (tx) => {
        let isFirst = true;
        for await (const _ of tx.copyOut(wide)) {
          if (isFirst) await killCopies(other);
          isFirst = false;
        }
      })
    );
    for (const pieces of [3, Infinity]) {
      let close = () => {};
      const closed = new Promise<void>((resolve) => close = resolve);
      const rows = killWhileCopying(other, { pieces, close });
      await killed(() => sql.copying((tx) => tx.copyIn(shape, rows)));
      // What fed the rows is not read for ever.
      await closed;
    }
    assertEquals((await takeBackup(sql)).tables.map(({ rows }) => rows), before);
  });

  await t.step("replace() undoes everything when its connection is killed", async () => {
    const backup = await takeBackup(sql);
    await assertRejects(() =>
      openBackupDatabase(sql).replace(async (replaced) => {
        const tables = await replaced.clear();
        const [inventory] = backup.tables;
        async function* rows(): AsyncIterable<Uint8Array> {
          const middle = inventory!.content.length / 2;
          yield inventory!.content.subarray(0, middle);
          await waitForCopy(other);
          await killCopies(other);
          yield inventory!.content.subarray(middle);
        }
        await tables.load(inventory!, rows());
      }, { schemaVersion: VERSION, waitMs: 0 }), SqlError);
    assertEquals(await takeBackup(sql), backup);
    await openBackupDatabase(sql).rehearse((tables) => loadBackup(tables, backup), {
      schemaVersion: VERSION,
    });
    assertEquals(await openBackupDatabase(sql).snapshot(readBackup), backup);
  });

  await t.step("replace() sends the server's own cleaning away, and is not kept waiting by it", async () => {
    const backup = await takeBackup(sql);
    // Slow enough to be seen, and begun within a second or two.
    await sql.query("alter system set autovacuum_naptime = '1s'");
    await sql.query("select pg_reload_conf()");
    await sql.query(
      `alter table sessions set (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
        autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)`,
    );
    await sql.query("update sessions set commands = 1");
    const isCleaning = `select 1::int as one from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.relation = 'sessions'::regclass and a.backend_type = 'autovacuum worker'`;
    while ((await sql.query(isCleaning)).length === 0) await pause(20);
    await restoreBackup(sql, backup, { waitMs: 2_000 });
    assertEquals(await takeBackup(sql), backup);
  });

  await sql.close();
  await other.close();
});

type Work = (sql: SqlClient, number: number) => Promise<void>;

interface Writers {
  /** Transactions that ended well. */
  count(): number;
  /** Throws what a writer threw. */
  stop(): Promise<void>;
}

/** Lets each work be done again and again, by a writer of its own. */
function startWriters(sql: SqlClient, works: readonly Work[]): Writers {
  let [count, isOn] = [0, true];
  const writers = works.map(async (work, index) => {
    for (let round = 0; isOn; round++) {
      await work(sql, round * works.length + index);
      count++;
    }
  });
  const failed = Promise.all(writers);
  failed.catch(() => {});
  return {
    count: () => count,
    stop: async () => {
      isOn = false;
      await failed;
    },
  };
}

async function waitForMore(writers: Writers): Promise<void> {
  const enough = writers.count() + 20;
  while (writers.count() < enough) await pause(2);
}

/** Runs statements in a transaction that is not tried again after a deadlock: whoever waits for it would see one. */
function once(sql: SqlClient, statements: readonly string[]): Promise<void> {
  return sql.copying(async (tx) => {
    for (const statement of statements) await tx.query(statement);
  });
}

const writePair: Work = (sql, number) =>
  sql.copying(async (tx) => {
    const address = `10.200.${(number >> 8) % 256}.${number % 256}`;
    await tx.query(
      `insert into ip_inventory (ip_address, asn_number) values ($1::text::inet, $2::bigint) on conflict do nothing`,
      [address, number % 7],
    );
    await tx.query(
      "insert into sessions (session_id, source_ip) values ($1::text, $2::text::inet) on conflict do nothing",
      [`w${number}`, address],
    );
  });

const writeBackwards: Work = (sql, number) =>
  once(sql, [
    `insert into request_hour values (now(), 'cymru', 'dns', 'p${number}', 'answered', 1, 1, 1, '{}')`,
    `insert into quota_audit (source, actor, before, after, at) values ('cymru', 'a', '{}', '{}', now())`,
    "select count(*)::int as rows from sessions",
    `insert into ip_inventory (ip_address) values ('10.201.0.0'::inet + ${number}) on conflict do nothing`,
  ]);

const writeForwards: Work = (sql, number) =>
  once(sql, [
    "select count(*)::int as rows from asn_inventory",
    `insert into job_run (id, job, started_by, actor, started_at, seen_at)
      values (gen_random_uuid(), 'refresh-stale', 'timer', 'w${number}', now(), now())`,
    `insert into coverage_snapshot values ('2020-01-01'::date + ${number}, now(), 1, '{}', '{}')
      on conflict do nothing`,
  ]);

async function countDeadlocks(sql: SqlClient): Promise<number> {
  // A session tells its numbers when it ends a transaction, at the latest.
  const [row] = await sql.query<{ deadlocks: number }>(
    "select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()",
  );
  return row!.deadlocks;
}

interface HeldLock {
  readonly pid: number;
  readonly done: Promise<void>;
  run(statement: string): Promise<void>;
  end(): void;
}

/** A transaction that stays open after its statement. */
function holdLock(sql: SqlClient, statement: string): Promise<HeldLock> {
  return new Promise((resolve, reject) => {
    let end = () => {};
    const ended = new Promise<void>((go) => end = go);
    const done = sql.copying(async (tx) => {
      await tx.query(statement);
      const [row] = await tx.query<{ pid: number }>("select pg_backend_pid()::int as pid");
      resolve({ pid: row!.pid, done, run: async (text) => void await tx.query(text), end: () => end() });
      await ended;
    });
    done.catch(reject);
  });
}

/** Waits until somebody has waited so long. */
async function waitForWaiter(sql: SqlClient, ms: number): Promise<void> {
  while (await countWaits(sql, ms, 60_000) === 0) await pause(10);
}

/** How many have waited for a lock for so long. */
async function countWaits(sql: SqlClient, minMs: number, maxMs: number): Promise<number> {
  const [row] = await sql.query<{ waits: number }>(
    `select count(*)::int as waits from pg_locks where not granted
      and date_part('epoch', clock_timestamp() - waitstart) * 1000 between $1::float8 and $2::float8`,
    [minMs, maxMs],
  );
  return row!.waits;
}

/** Tells of every statement of a transaction that streams before it is sent. */
function watchStatements(sql: SqlClient, onStatement: (text: string) => Promise<void>): SqlClient {
  return {
    ...sql,
    copying: (work, options) =>
      sql.copying((tx) =>
        work({
          ...tx,
          query: async (text, params) => {
            await onStatement(text);
            return await tx.query(text, params);
          },
        }), options),
  };
}

const COPYING = "query like 'copy%' and state = 'active' and datname = current_database()";

async function waitForCopy(sql: SqlClient): Promise<void> {
  while ((await sql.query(`select 1::int as one from pg_stat_activity where ${COPYING}`)).length === 0) {
    await pause(2);
  }
}

async function killCopies(sql: SqlClient): Promise<void> {
  await sql.query(`select pg_terminate_backend(pid) as done from pg_stat_activity where ${COPYING}`);
}

/** Rows, with a kill of the connection that takes them after the first; `close` is told when nobody reads any more. */
async function* killWhileCopying(
  sql: SqlClient,
  { pieces, close }: { readonly pieces: number; readonly close: () => void },
): AsyncIterable<Uint8Array> {
  try {
    yield new TextEncoder().encode("192.0.2.1\n");
    await waitForCopy(sql);
    await killCopies(sql);
    for (let piece = 0; piece < pieces; piece++) {
      yield new TextEncoder().encode("192.0.2.2\n".repeat(10_000));
      await pause(1);
    }
  } finally {
    close();
  }
}

async function readFields(tables: SnapshotTables, name: string, column: string): Promise<string[]> {
  const shape = tables.tables.find(({ table }) => table === name)!;
  const columns = shape.columns.filter((one) => one.name === column || shape.key.includes(one.name));
  const place = columns.findIndex((one) => one.name === column);
  let text = "";
  for await (const chunk of tables.read({ ...shape, columns })) text += new TextDecoder().decode(chunk);
  return text.split("\n").slice(0, -1).map((line) => line.split("\t")[place]!);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

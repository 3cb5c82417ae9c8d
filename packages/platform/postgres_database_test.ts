import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { StoreError } from "@ipcascade/core";
import { assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import { openPostgresServer } from "../testkit/postgres_server.ts";
import type { SqlClient } from "@ipcascade/store";
import { openPostgresDatabase } from "./postgres_database.ts";

Deno.test("openPostgresDatabase() connects as it is told", async (t) => {
  await using server = await openPostgresServer();

  await t.step("it names itself, bounds its statements and its pool", async () => {
    const sql = await openPostgresDatabase(server.url, {
      poolSize: 2,
      applicationName: "tester",
      statementTimeoutMs: 300,
    });
    try {
      assertEquals(
        await sql.query(
          "select current_setting('application_name') as name, current_setting('statement_timeout') as ms",
        ),
        [{ name: "tester", ms: "300ms" }],
      );
      await Promise.all(Array.from({ length: 8 }, () => sql.query("select pg_sleep(0.02)")));
      const [row] = await sql.query<{ count: number }>(
        "select count(*)::int as count from pg_stat_activity where application_name = $1::text",
        ["tester"],
      );
      assertEquals(row, { count: 2 });
      await assertRejects(() => sql.query("select pg_sleep(5)"), StoreError, "57014");
    } finally {
      await sql.close();
    }
  });

  await t.step("it asks a server without encryption in the clear when sslmode only prefers it", async () => {
    const sql = await openPostgresDatabase(`${server.url}?sslmode=prefer`, { poolSize: 1 });
    assertEquals(await sql.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()"), [{
      ssl: false,
    }]);
    await sql.close();
  });

  await t.step("it tells of a wrong password without telling it", async () => {
    const sql = await openPostgresDatabase(server.url.replace(/:[^:@/]+@/, ":s3cret@"), { poolSize: 1 });
    const error = await assertRejects(() => sql.query("select 1"), StoreError, "28P01");
    assertEquals(error.message.includes("s3cret"), false);
    await sql.close();
  });

  await t.step("it plans each statement anew, unless a pooler is in between", async () => {
    const modeOf = async (query: string) => {
      const sql = await openPostgresDatabase(`${server.url}${query}`, { poolSize: 1 });
      const [row] = await sql.query<{ mode: string }>("select current_setting('plan_cache_mode') as mode");
      await sql.close();
      return row?.mode;
    };
    assertEquals([await modeOf(""), await modeOf("?prepare=false")], ["force_custom_plan", "auto"]);
  });

  await t.step("it does the work again when its connection was lost", async () => {
    const [sql, other] = await Promise.all(
      [0, 1].map(() => openPostgresDatabase(server.url, { poolSize: 1 })),
    );
    const [backend] = await sql!.query<{ pid: number }>("select pg_backend_pid() as pid");
    const again = sql!.query<{ pid: number }>(
      "select pg_backend_pid() as pid, case when pg_backend_pid() = $1::int then pg_sleep(60) end::text",
      [backend!.pid],
    );
    await other!.query("select pg_sleep(0.05), pg_terminate_backend($1::int)", [backend!.pid]);
    assertNotEquals((await again)[0]?.pid, backend!.pid);
    await Promise.all([sql!.close(), other!.close()]);
  });

  const terminate = (sql: SqlClient, pid: number) => sql.query("select pg_terminate_backend($1::int)", [pid]);
  const pidOf = async (sql: SqlClient) => {
    return (await sql.query<{ pid: number }>("select pg_backend_pid() as pid"))[0]!.pid;
  };

  await t.step("it does a transaction again whose connection was lost during a statement", async () => {
    const sql = await openPostgresDatabase(server.url, { poolSize: 2 });
    const other = await openPostgresDatabase(server.url, { poolSize: 1 });
    await sql.query("select 1");
    let tries = 0;
    let told = 0;
    const done = sql.transaction(async (tx) => {
      const pid = await pidOf(tx);
      if (++tries > 1) return "done";
      setTimeout(() => void terminate(other, pid).then(() => told++), 100);
      await tx.query("select pg_sleep(20)");
      return "not reached";
    });
    assertEquals([await done, tries, told], ["done", 2, 1]);
    await Promise.all([sql.close(), other.close()]);
  });

  await t.step("what a lost transaction had still to say never runs in another one", async () => {
    const sql = await openPostgresDatabase(server.url, { poolSize: 1 });
    const other = await openPostgresDatabase(server.url, { poolSize: 1 });
    await other.query("create table said (who text, try int)");
    await sql.query("select 1");
    let tries = 0;
    const first = sql.transaction(async (tx) => {
      tries++;
      await tx.query("insert into said values ('first', $1::int)", [tries]);
      if (tries === 1) {
        await terminate(other, await pidOf(tx));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      await tx.query("insert into said values ('second', $1::int)", [tries]);
    });
    const refused = assertRejects(
      () =>
        sql.transaction(async (tx) => {
          await tx.query("insert into said values ('refused', 1)");
          await new Promise((resolve) => setTimeout(resolve, 500));
          throw new TypeError("it is not to be");
        }),
      TypeError,
    );
    await Promise.all([first, refused]);
    assertEquals(await other.query("select who, try from said order by who, try"), [
      { who: "first", try: 2 },
      { who: "second", try: 2 },
    ]);
    await Promise.all([sql.close(), other.close()]);
  });

  await t.step("it survives connections that are lost again and again", async () => {
    const sql = await openPostgresDatabase(server.url, { poolSize: 3, applicationName: "victim" });
    const other = await openPostgresDatabase(server.url, { poolSize: 1 });
    await other.query("create table counted (n int)");
    await sql.query("select 1");
    const killing = setInterval(() => {
      void other.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'",
      )
        .catch(() => {});
    }, 250);
    let done = 0;
    const work = async () => {
      for (let round = 0; round < 80; round++) {
        await sql.transaction(async (tx) => {
          const [row] = await tx.query<{ count: number }>("select count(*)::int as count from counted");
          await Promise.all([1, 2].map(() => tx.query("insert into counted values ($1::int)", [row!.count])));
        });
        await sql.query("select pg_sleep(0.01)");
        done++;
      }
    };
    await Promise.all([work(), work(), work()]);
    clearInterval(killing);
    const [row] = await other.query<{ count: number }>("select count(*)::int as count from counted");
    assertEquals(done, 240);
    // Both inserts of a transaction or none; one whose answer was lost may be there twice.
    assertEquals([row!.count % 2, row!.count >= 480], [0, true]);
    await Promise.all([sql.close(), other.close()]);
  });

  await t.step("a statement that must not be repeated fails when its connection is lost", async () => {
    const sql = await openPostgresDatabase(server.url, { poolSize: 1 });
    const other = await openPostgresDatabase(server.url, { poolSize: 1 });
    const pid = await pidOf(sql);
    setTimeout(() => void terminate(other, pid), 100);
    const options = { isRepeatable: false };
    await assertRejects(() => sql.query("select pg_sleep(20)", [], options), StoreError);
    assertEquals((await sql.query("select 1 as one", [], options)).length, 1);
    await Promise.all([sql.close(), other.close()]);
  });
});

Deno.test("openPostgresDatabase() gives up in time on a server that is not there or doesn't answer", async () => {
  const mute = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const { port } = mute.address() as AddressInfo;
  const sql = await openPostgresDatabase(`postgres://u:s3cret@127.0.0.1:${port}/n`, {
    poolSize: 1,
    connectTimeoutMs: 200,
  });
  await assertRejects(() => sql.query("select 1"), StoreError, "CONNECT_TIMEOUT");
  await sql.close();
  await new Promise((resolve) => mute.close(resolve));
  const gone = await openPostgresDatabase(`postgres://u:s3cret@127.0.0.1:${port}/n`, { poolSize: 1 });
  await assertRejects(() => gone.query("select 1"), StoreError, "ECONNREFUSED");
  await gone.close();
});

Deno.test("openPostgresDatabase() gives up in time on a proxy that takes connections and closes them", async () => {
  let tries = 0;
  const proxy = createServer((socket) => {
    tries++;
    socket.once("data", () => socket.end());
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const sql = await openPostgresDatabase(`postgres://u:s3cret@127.0.0.1:${port}/n`, {
    poolSize: 1,
    connectTimeoutMs: 200,
  });
  await assertRejects(() => sql.query("select 1"), StoreError, "the server let nobody in within 1 s");
  assertGreater(tries, 1, "the driver tries again and again");
  await sql.close();
  await new Promise((resolve) => proxy.close(resolve));
});

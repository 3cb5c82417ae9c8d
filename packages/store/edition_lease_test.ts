import { EditionStoreError, EMPTY_EDITION_STATE, LockHeldError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { startChild } from "../platform/testing/child.ts";
import { installSet } from "../testkit/edition_sets.ts";
import { FakeClock } from "../testkit/fake_clock.ts";
import { openPostgresServer } from "../testkit/postgres_server.ts";
import { createSqlEditionStore } from "./edition_store.ts";
import { migrate } from "./migrate.ts";
import type { SqlClient } from "./sql_client.ts";
import { connectServer, openMemoryPglite, resetDatabase } from "./testing/databases.ts";

const LEASE_MS = 30_000;
const HOLDER = "../../store/testing/edition_holder.ts";

Deno.test("the lock of the SQL edition store is a lease", async (t) => {
  const sql = await openMemoryPglite();
  const open = (owner: string, clock = new FakeClock(), client = sql) =>
    createSqlEditionStore({ sql: client, owner, clock, leaseMs: LEASE_MS });
  const step = (name: string, run: () => Promise<void>) =>
    t.step(name, async () => {
      await resetDatabase(sql);
      await run();
    });

  await step("it is renewed long before it ends", async () => {
    const clock = new FakeClock();
    await using lock = await open("one", clock).lock("test");
    await expire(sql, "10 seconds");
    await clock.waitForSleepers();
    await clock.advance(LEASE_MS / 3);
    // The answer of the database comes in its own time.
    await clock.waitForSleepers();
    while (await readLeft(sql) < LEASE_MS - 5_000) await nextTurn();
    assertEquals(lock.lost.aborted, false);
  });

  await step("it is taken over once it is past, and its holder hears of it", async () => {
    const clock = new FakeClock();
    const [store, other] = [open("one", clock), open("two")];
    await using lock = await store.lock("test");
    await installSet(store, { id: "a" });
    await using staging = await store.stage("b");
    await assertRejects(() => other.lock("test"), LockHeldError, "one holds their lock, at least until 2");
    await expire(sql, "-1 millisecond");
    await using next = await other.lock("test");
    assertEquals(await other.sweep(), 1);
    for (
      const work of [
        () => store.switchTo("a"),
        () => store.removeSet("a"),
        () => store.writeState(EMPTY_EDITION_STATE),
        () => store.sweep(),
      ]
    ) await assertRejects(work, EditionStoreError, "lost to somebody else");
    await assertRejects(() => staging.openFile("a.mmdb"), EditionStoreError, "somebody else removed it");
    assertEquals(lock.lost.aborted, true);
    await other.switchTo("a");
    await lock[Symbol.asyncDispose]();
    assertEquals(next.lost.aborted, false);
    await assertRejects(() => open("three").lock("test"), LockHeldError, "two holds");
  });

  await step("its holder hears of a loss at the next renewal", async () => {
    const clock = new FakeClock();
    await using lock = await open("one", clock).lock("test");
    await expire(sql, "-1 millisecond");
    await using _next = await open("two").lock("test");
    await clock.waitForSleepers();
    await clock.advance(LEASE_MS / 3);
    await aborted(lock.lost);
  });

  for (const [name, answer] of [["fails", rejectAlways], ["hangs", hangAlways]] as const) {
    await step(`it is lost when the database ${name} for as long as it lasts`, async () => {
      const [clock, link] = [new FakeClock(), createLink(sql)];
      const lock = await open("one", clock, link.client).lock("test");
      await clock.waitForSleepers();
      link.query = answer;
      for (let passed = 0; passed < LEASE_MS - 1_000; passed += 1_000) {
        await clock.advance(1_000);
        await nextTurn();
      }
      assertEquals(lock.lost.aborted, false);
      await clock.advance(1_000);
      await aborted(lock.lost);
      // Giving back what can't be reached fails nobody, and keeps nobody for long.
      const released = lock[Symbol.asyncDispose]();
      await clock.advance(5_000);
      await released;
    });
  }

  await step("one failed renewal does not lose it", async () => {
    const [clock, link] = [new FakeClock(), createLink(sql)];
    await using lock = await open("one", clock, link.client).lock("test");
    await clock.waitForSleepers();
    link.query = rejectAlways;
    await clock.advance(LEASE_MS / 3);
    await nextTurn();
    link.query = null;
    await expire(sql, "5 seconds");
    await clock.waitForSleepers();
    await clock.advance(LEASE_MS / 3);
    while (await readLeft(sql) < LEASE_MS - 5_000) await nextTurn();
    assertEquals(lock.lost.aborted, false);
  });
  await sql.close();
});

Deno.test("processes share the editions of a PostgreSQL server", async (t) => {
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const sql = connectServer(url, 4);
  await migrate(sql);
  const store = createSqlEditionStore({ sql, owner: "test", clock: new FakeClock(), leaseMs: LEASE_MS });
  const leaseMs = 1_500;
  const holder = startChild("deno", HOLDER, [url, String(leaseMs), "a"]);
  assertEquals(await holder.readLine(), "ready");
  await t.step("one sees what another switched to", async () => {
    assertEquals(await store.readCurrentId(), "a");
    assertEquals(new TextDecoder().decode(await store.readEdition("a", "GeoLite2-City.mmdb")), "city of a");
  });
  await t.step("the lock names the process that holds it, and outlives its first term", async () => {
    const startedAt = performance.now();
    while (performance.now() - startedAt < leaseMs * 1.5) {
      await assertRejects(() => store.lock("update"), LockHeldError, `process ${holder.pid} on "elsewhere"`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  await t.step("kill -9 of the holder gives the lock to the next when the term is over", async () => {
    await holder.kill();
    const startedAt = performance.now();
    await assertRejects(() => store.lock("update"), LockHeldError, `process ${holder.pid}`);
    await using _lock = await waitForLock(() => store.lock("update"));
    assert(performance.now() - startedAt < leaseMs + 2_000);
    assertEquals(await store.readCurrentId(), "a");
    assertEquals(await store.sweep(), 1);
    const [left] = await sql.query<{ chunks: number }>("select count(*)::int as chunks from edition_chunk");
    assertEquals(left?.chunks, 2);
    await installSet(store, { id: "b" });
    await store.switchTo("b");
    assertEquals(await store.readCurrentId(), "b");
  });
  await t.step("a process sees what this one switches to", async () => {
    await expire(sql, "-1 millisecond");
    const reader = startChild("deno", HOLDER, [url, "60000", "c"]);
    await using _reader = { [Symbol.asyncDispose]: () => reader.kill() };
    assertEquals(await reader.readLine(), "ready");
    assertEquals(await store.readCurrentId(), "c");
    await expire(sql, "-1 millisecond");
    await using _lock = await store.lock("update");
    await store.switchTo("a");
    reader.write("\n");
    assertEquals(await reader.readLine(), "a");
  });
  await sql.close();
});

interface Link {
  client: SqlClient;
  /** What statements meet instead of the database; null while it is there. */
  query: (() => Promise<never>) | null;
}

function createLink(sql: SqlClient): Link {
  const link: Link = {
    client: {
      ...sql,
      query: (text, params) => link.query === null ? sql.query(text, params) : link.query(),
    },
    query: null,
  };
  return link;
}

function rejectAlways(): Promise<never> {
  return Promise.reject(new Error("gone"));
}

function hangAlways(): Promise<never> {
  return new Promise(() => {});
}

async function expire(sql: SqlClient, left: string): Promise<void> {
  await sql.query("update edition_lease set expires_at = clock_timestamp() + $1::text::interval", [left]);
}

async function readLeft(sql: SqlClient): Promise<number> {
  const [row] = await sql.query<{ left: number }>(
    "select date_part('epoch', expires_at - clock_timestamp()) * 1000 as left from edition_lease",
  );
  return row!.left;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

async function aborted(signal: AbortSignal): Promise<void> {
  for (let tries = 0; !signal.aborted && tries < 2_000; tries++) await nextTurn();
  assertEquals(signal.aborted, true);
}

async function waitForLock<T>(lock: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      return await lock();
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("the lock never came");
}

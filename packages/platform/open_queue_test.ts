import { assert, assertEquals, assertRejects } from "@std/assert";
import { LockHeldError, type Log } from "@ipcascade/core";
import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import postgres from "postgres";
import { openQueue, openQueueWorker } from "./open_queue.ts";
import { readSettings } from "./settings_reader.ts";

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

function settingsOf(env: Record<string, string>) {
  return readSettings({ env: { HOME: "/home/op", ...env }, flags: {}, readFile: () => null });
}

Deno.test("openQueue() makes the tables once, however many processes come at once, on our connections alone", async () => {
  await using server = await openPostgresServer();
  const settings = settingsOf({ DATABASE_URL: await server.createDatabase() });
  const opened = await Promise.all(Array.from({ length: 6 }, () => openQueue(settings, SILENT)));
  const sql = postgres(settings.databaseUrl!, { max: 1, onnotice: () => {} });
  try {
    for (const { queue } of opened) {
      await queue.submit({ addresses: ["8.8.8.8"], sources: ["maxmind"], activity: null });
    }
    assertEquals((await opened[0]!.queue.count()).waiting, 6);
    const clients = await sql<
      { name: string }[]
    >`select distinct application_name as name from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
    assertEquals(clients.map(({ name }) => name), ["ipcascade"]);
  } finally {
    for (const one of opened) await one[Symbol.asyncDispose]();
    await sql.end();
  }
});

Deno.test("openQueue() keeps the database's password out of dead letters", async () => {
  await using server = await openPostgresServer();
  const url = new URL(await server.createDatabase());
  const admin = postgres(url.href, { max: 1, onnotice: () => {} });
  await admin`create role queuer login superuser password 'pa55-w0rd'`;
  await admin.end();
  url.username = "queuer";
  url.password = "pa55-w0rd";
  await using opened = await openQueue(settingsOf({ DATABASE_URL: url.href }), SILENT);
  const { queue } = opened;
  await queue.submit({ addresses: ["8.8.8.8"], sources: ["maxmind"], activity: null });
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  await sql`update ipcascade_queue.job set retry_limit = 0`;
  await queue.fail((await queue.take())!, `Cannot use ${url.href}`);
  const [row] = await sql<
    { all: string }[]
  >`select string_agg(j::text, ' ') as all from ipcascade_queue.job j`;
  await sql.end();
  assertEquals((await queue.listDead(1)).length, 1);
  assert(!row!.all.includes("pa55-w0rd"), row!.all);
});

Deno.test("openQueue() refuses an embedded database that another process has open", async () => {
  await using dir = await openTempDir();
  const settings = settingsOf({ IPCASCADE_DATA_DIR: dir.join("data") });
  await using _opened = await openQueue(settings, SILENT);
  await assertRejects(() => openQueue(settings, SILENT), LockHeldError);
});

Deno.test("openQueue() forgets who had batches of the embedded database, which costs them a try", async () => {
  await using dir = await openTempDir();
  const settings = settingsOf({ IPCASCADE_DATA_DIR: dir.join("data") });
  {
    await using first = await openQueue(settings, SILENT);
    await first.queue.submit({ addresses: ["8.8.8.8"], sources: ["maxmind"], activity: null });
    await first.queue.take();
  }
  await using second = await openQueue(settings, SILENT);
  const { waiting, active, retrying } = await second.queue.count();
  assertEquals([waiting, active, retrying], [0, 0, 1]);
});

Deno.test("openQueueWorker() gives signs of life while its pool waits for the database", async () => {
  await using server = await openPostgresServer();
  await using dir = await openTempDir();
  const settings = settingsOf({
    DATABASE_URL: await server.createDatabase(),
    IPCASCADE_DB_POOL: "1",
    IPCASCADE_DATA_DIR: dir.join("data"),
  });
  await using worker = await openQueueWorker(settings, SILENT);
  await worker.queue.submit({ addresses: ["8.8.8.8"], sources: ["maxmind"], activity: null });
  const batch = (await worker.queue.take())!;
  const sql = postgres(settings.databaseUrl!, { max: 1, onnotice: () => {} });
  let isDone = false;
  try {
    await sql.begin(async (tx) => {
      await tx`lock table ip_inventory`;
      const working = worker.inventory.findMany(batch.addresses).finally(() => isDone = true);
      working.catch(() => {});
      await worker.queue.maintain();
      assertEquals([await worker.queue.renew(batch), isDone], [true, false]);
    });
  } finally {
    await sql.end();
  }
});

import { existsSync } from "node:fs";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import process from "node:process";
import { LockHeldError, StoreError } from "@ipcascade/core";
import { assertEquals, assertGreaterOrEqual, assertLess, assertRejects } from "@std/assert";
import { openTempDir } from "../testkit/temp_dir.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { hasRuntime, RUNTIMES, startChild } from "./testing/child.ts";

Deno.test("openPgliteDatabase() keeps what was written and has one user at a time", async (t) => {
  await using dir = await openTempDir();
  const data = dir.join("new", "data");

  await t.step("it makes the directory, for its owner alone", async () => {
    const sql = await openPgliteDatabase(data);
    const message = `Cannot open the database "${data}/postgres": this process (${process.pid}) has it open`;
    await assertRejects(() => openPgliteDatabase(data), LockHeldError, message);
    await sql.query("create table kept (a int)");
    await sql.query("insert into kept values (7)");
    await Promise.all([sql.close(), sql.close()]);
    for (const path of [data, `${data}/postgres`, `${data}/postgres.lock`]) {
      assertEquals((await stat(path)).mode & 0o777, 0o700);
    }
    assertEquals((await readdir(data)).sort(), ["postgres", "postgres.lock"]);
  });

  await t.step("it finds the rows when it is opened again", async () => {
    const sql = await openPgliteDatabase(data);
    assertEquals(await sql.query("select a from kept"), [{ a: 7 }]);
    assertEquals(await sql.query("select current_setting('shared_buffers') as size"), [{ size: "32MB" }]);
    await sql.close();
  });

  for (const runtime of Object.keys(RUNTIMES)) {
    await t.step({
      name: `a process on ${runtime} that is killed leaves its rows and the lock behind for others`,
      ignore: !hasRuntime(runtime),
      fn: () => killWriter(runtime, data),
    });
  }

  for (const runtime of Object.keys(RUNTIMES)) {
    await t.step({
      name: `a new database on ${runtime} takes little memory, and a kill while it is made is made good`,
      ignore: !hasRuntime(runtime),
      fn: async () => {
        await killCreator(runtime, dir.join(`killed_${runtime}`));
        await createDatabase(runtime, dir.join(`killed_${runtime}`));
      },
    });
  }

  await t.step("it makes a database again whose making was cut short", async () => {
    const cut = dir.join("cut");
    await mkdir(`${cut}/postgres`, { recursive: true });
    await writeFile(`${cut}/postgres/PG_VERSION`, "18\n");
    await writeFile(`${cut}/postgres.new`, "");
    const sql = await openPgliteDatabase(cut);
    assertEquals(await sql.query("select 1 as one"), [{ one: 1 }]);
    await sql.close();
    assertEquals(existsSync(`${cut}/postgres.new`), false);
  });

  await t.step("it throws StoreError when the directory can't be used, and keeps no lock", async () => {
    await writeFile(dir.join("file"), "");
    await assertRejects(
      () => openPgliteDatabase(dir.join("file", "data")),
      StoreError,
      "Cannot use the database",
    );
    const broken = dir.join("broken");
    await mkdir(`${broken}/postgres`, { recursive: true });
    await writeFile(`${broken}/postgres/PG_VERSION`, "9.0\n");
    await assertRejects(() => openPgliteDatabase(broken), StoreError, "Cannot use the database");
    assertEquals(await readdir(`${broken}/postgres.lock`), []);
  });
});

async function killWriter(runtime: string, data: string): Promise<void> {
  const writer = startChild(runtime, "pglite_writer.ts", [data]);
  let committed = 0;
  for (let lines = 0; lines < 50; lines++) committed = Number(await writer.readLine());
  await assertRejects(() => openPgliteDatabase(data), LockHeldError, `process ${writer.pid} has it open`);
  await writer.kill();
  const sql = await openPgliteDatabase(data);
  const [row] = await sql.query<{ last: number; count: number }>(
    "select max(number)::int as last, count(*)::int as count from written",
  );
  assertGreaterOrEqual(row!.last, committed);
  assertEquals(row!.count, row!.last);
  await sql.close();
}

async function killCreator(runtime: string, data: string): Promise<void> {
  const creator = startChild(runtime, "pglite_creator.ts", [data]);
  while (!existsSync(`${data}/postgres.new`)) await new Promise((resolve) => setTimeout(resolve, 2));
  await creator.kill();
  assertEquals(existsSync(`${data}/postgres.new`), true);
}

async function createDatabase(runtime: string, data: string): Promise<void> {
  const { lines, status } = await startChild(runtime, "pglite_creator.ts", [data]).finish();
  assertEquals(status, 0);
  // PGlite's own way of making a database takes 620 to 920 MB; see docs/adr/0009.
  const peakMb = Number(lines[0]);
  assertLess(peakMb, 400, `${peakMb} MB`);
  assertEquals((await readdir(data)).sort(), ["postgres", "postgres.lock"]);
}

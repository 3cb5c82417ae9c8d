import { StoreError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { mkdir, readdir } from "node:fs/promises";
import { openTempDir } from "@ipcascade/testkit";
import { readOwnIdentity } from "./process_identity.ts";
import { openScratchDatabase } from "./scratch_database.ts";

Deno.test("openScratchDatabase() opens an empty database of the present schema, and leaves nothing behind", async () => {
  await using dir = await openTempDir();
  {
    await using scratch = await openScratchDatabase(dir.path);
    assertEquals((await readdir(dir.path)).length, 1);
    const tables = await scratch.database.snapshot(async (tables) => {
      const rows = [];
      for (const shape of tables.tables) for await (const _ of tables.read(shape)) rows.push(shape.table);
      return { names: tables.tables.map(({ table }) => table), rows };
    });
    assertEquals([tables.names.includes("ip_inventory"), tables.rows], [true, []]);
  }
  assertEquals(await readdir(dir.path), []);
});

Deno.test("openScratchDatabase() removes what killed processes left, and nothing else", async () => {
  await using dir = await openTempDir();
  const { host } = readOwnIdentity();
  const others = [`ipcascade-scratch~elsewhere~1~boot.1~AbCdEf`, "ipcascade-scratch", "another"];
  // No process has this start.
  for (const name of [`ipcascade-scratch~${host}~${Deno.pid}~0.0~AbCdEf`, ...others]) {
    await mkdir(dir.join(name, "postgres"), { recursive: true });
  }
  await (await openScratchDatabase(dir.path))[Symbol.asyncDispose]();
  assertEquals((await readdir(dir.path)).sort(), others.sort());
});

Deno.test("openScratchDatabase() names the directory in which nothing can be made", async () => {
  await using dir = await openTempDir();
  const path = dir.join("gone");
  const error = await assertRejects(
    () => openScratchDatabase(path),
    StoreError,
    `"${path}": there is no such`,
  );
  assertEquals(error.message.endsWith("; TMPDIR names the directory"), true);
});

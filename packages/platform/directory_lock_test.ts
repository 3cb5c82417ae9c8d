import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { LockHeldError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "../testkit/temp_dir.ts";
import { openDirectoryLock } from "./directory_lock.ts";
import { hasRuntime, RUNTIMES, startChild } from "./testing/child.ts";

const OPTIONS = { action: "open it" };

Deno.test("openDirectoryLock() refuses a second holder in the same process until the first lets go", async () => {
  await using dir = await openTempDir();
  const first = await openDirectoryLock(dir.join("lock"), OPTIONS);
  const message = `Cannot open it: this process (${process.pid}) has it open`;
  await assertRejects(() => openDirectoryLock(dir.join("lock"), OPTIONS), LockHeldError, message);
  await first.release();
  const second = await openDirectoryLock(dir.join("lock"), OPTIONS);
  // What was given back once must not be given back again: it is somebody else's now.
  await first.release();
  await assertRejects(() => openDirectoryLock(dir.join("lock"), OPTIONS), LockHeldError);
  await second.release();
  assertEquals(await readdir(dir.join("lock")), []);
});

Deno.test("openDirectoryLock() lets one of many through when one process asks many times at once", async () => {
  await using dir = await openTempDir();
  const asked = Array.from({ length: 20 }, () => openDirectoryLock(dir.join("lock"), OPTIONS));
  const results = await Promise.allSettled(asked);
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
});

Deno.test("openDirectoryLock() cleans up after processes that are gone, and minds foreign machines", async () => {
  await using dir = await openTempDir();
  const path = dir.join("lock");
  await (await openDirectoryLock(path, OPTIONS)).release();
  const gone = startChild("deno", "lock_contender.ts", [path, "0", "0"]);
  await gone.kill();
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, "_");
  for (const name of [`lock~${host}~${gone.pid}~x.1`, `lock~${host}~${process.pid}~earlier.1`]) {
    await writeFile(`${path}/${name}`, "held\n");
  }
  await (await openDirectoryLock(path, OPTIONS)).release();
  assertEquals(await readdir(path), []);
  await writeFile(`${path}/lock~elsewhere~7~x.1`, "held\n");
  const message = `Cannot open it: process 7 on the machine "elsewhere" (if it is gone, delete`;
  await assertRejects(() => openDirectoryLock(path, OPTIONS), LockHeldError, message);
});

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test({
    name: `openDirectoryLock() on ${runtime} is refused while it is held, and gets it after a kill`,
    ignore: !hasRuntime(runtime),
    fn: async () => {
      await using dir = await openTempDir();
      const holder = startChild(runtime, "lock_contender.ts", [dir.join("lock"), "1", "600000"]);
      assertEquals(await holder.readLine(), "ready");
      holder.write("\n");
      await waitForHolder(dir.join("lock"));
      await assertRejects(
        () => openDirectoryLock(dir.join("lock"), OPTIONS),
        LockHeldError,
        `process ${holder.pid} `,
      );
      await holder.kill();
      const next = startChild(runtime, "lock_contender.ts", [dir.join("lock"), "1", "0"]);
      next.write("\n");
      await using _after = { [Symbol.asyncDispose]: () => next.kill() };
      // The witness of the killed holder is still there: only the lock tells that it is gone.
      assertEquals((await next.finish()).lines, ["ready", "doubled"]);
    },
  });
}

Deno.test("openDirectoryLock() has one holder at a time when 20 processes contend", async () => {
  await using dir = await openTempDir();
  const contenders = Array.from({ length: 20 }, (_, index) => {
    const runtimes = Object.keys(RUNTIMES).filter(hasRuntime);
    // Mostly Deno, which starts fastest; the others must keep to the same protocol.
    const runtime = index < runtimes.length ? runtimes[index]! : "deno";
    return startChild(runtime, "lock_contender.ts", [dir.join("lock"), "6", "5"]);
  });
  for (const contender of contenders) assertEquals(await contender.readLine(), "ready");
  for (const contender of contenders) contender.write("\n");
  const words = (await Promise.all(contenders.map((contender) => contender.finish()))).flatMap(({ lines }) =>
    lines
  );
  assertEquals(words.length, 20 * 6);
  assertEquals(words.filter((word) => word === "doubled"), []);
  assertEquals(words.filter((word) => word !== "held" && !/^refused:\d+$/.test(word)), []);
  assertEquals(words.filter((word) => word === "held").length >= 20, true);
  assertEquals(await readdir(dir.join("lock")), []);
});

async function waitForHolder(path: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const names = await readdir(path).catch(() => []);
    const files = await Promise.all(
      names.map((name) => Deno.readTextFile(`${path}/${name}`).catch(() => "")),
    );
    if (files.includes("held\n")) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the holder never held the lock");
}

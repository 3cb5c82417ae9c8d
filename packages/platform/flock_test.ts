import { mkdir } from "node:fs/promises";
import { EditionStoreError, LockHeldError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "../testkit/temp_dir.ts";
import { openFlock } from "./flock.ts";
import { createNodeClock } from "./node_clock.ts";
import { hasRuntime, RUNTIMES, startChild } from "./testing/child.ts";

const OPTIONS = { action: "update", clock: createNodeClock(), waitMs: 0 };

for (const runtime of Object.keys(RUNTIMES)) {
  const expected = runtime === "deno" ? "held" : "none";
  Deno.test({
    name: `openFlock() says that the lock is ${expected} on ${runtime}`,
    ignore: !hasRuntime(runtime),
    fn: async () => {
      await using dir = await openTempDir();
      const holder = startChild(runtime, "flock_holder.ts", [dir.join("lock")]);
      await using _holder = { [Symbol.asyncDispose]: () => holder.kill() };
      assertEquals(await holder.readLine(), expected);
      if (expected === "none") return;
      const message = `Cannot update: another process has "${dir.join("lock")}" locked`;
      await assertRejects(() => openFlock(dir.join("lock"), OPTIONS), LockHeldError, message);
      await holder.kill();
      const lock = await openFlock(dir.join("lock"), OPTIONS);
      assertEquals(
        new Deno.Command("flock", { args: ["-n", dir.join("lock"), "true"] }).outputSync().success,
        false,
      );
      await lock![Symbol.asyncDispose]();
    },
  });
}

Deno.test("openFlock() says why a lock file can't be opened", async () => {
  await using dir = await openTempDir();
  await mkdir(dir.join("lock"));
  const error = await assertRejects(() => openFlock(dir.join("lock"), OPTIONS), EditionStoreError);
  assertEquals(error.message, `Cannot lock "${dir.join("lock")}": it is a directory`);
});

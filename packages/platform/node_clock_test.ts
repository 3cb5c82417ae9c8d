import { assert, assertEquals, assertRejects } from "@std/assert";
import { createNodeClock } from "./node_clock.ts";

const clock = createNodeClock();

Deno.test("createNodeClock() tells the time of the machine", () => {
  assert(Math.abs(clock.now() - Date.now()) < 1000);
  const before = clock.elapsed();
  assert(clock.elapsed() >= before);
});

Deno.test("sleep() ends after its time", async () => {
  const before = clock.elapsed();
  await clock.sleep(20);
  assert(clock.elapsed() - before >= 15);
  await clock.sleep(-5);
});

Deno.test("sleep() rejects with the signal's reason, before and while it sleeps", async () => {
  const reason = new Error("enough");
  await assertRejects(() => clock.sleep(60_000, AbortSignal.abort(reason)), Error, "enough");
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, controller.signal);
  controller.abort(reason);
  assertEquals(await sleeping.catch((error: unknown) => error), reason);
});

Deno.test("sleep() does not end at once when it is longer than timers can be", async () => {
  const controller = new AbortController();
  let ended = false;
  const sleeping = clock.sleep(2 ** 40, controller.signal).then(() => ended = true, () => {});
  await clock.sleep(20);
  assertEquals(ended, false);
  controller.abort();
  await sleeping;
});

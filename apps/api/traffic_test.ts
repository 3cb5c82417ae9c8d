import { assert, assertEquals } from "@std/assert";
import { createTraffic } from "./traffic.ts";

const CLOCK = { elapsed: () => 0 };

Deno.test("drain() waits for requests in flight and for what is held", async () => {
  const traffic = createTraffic(CLOCK);
  const work = Promise.withResolvers<void>();
  const running = traffic.run(new AbortController(), 1_000, () => work.promise);
  const release = traffic.hold();
  let isIdle = false;
  const drained = traffic.drain().then(() => isIdle = true);
  assertEquals([traffic.isDraining, traffic.size], [true, 1]);
  work.resolve();
  assertEquals(await running, true);
  await Promise.resolve();
  assertEquals(isIdle, false);
  release();
  release();
  await drained;
});

Deno.test("giveUp() aborts what is in flight and what goes on afterwards", async () => {
  const traffic = createTraffic(CLOCK);
  const controller = new AbortController();
  const work = Promise.withResolvers<void>();
  const running = traffic.run(controller, 1_000, () => work.promise);
  traffic.giveUp(new Error("over"));
  assert(controller.signal.aborted && traffic.ending.aborted);
  work.resolve();
  await running;
});

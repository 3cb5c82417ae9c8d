import { assertEquals, assertRejects } from "@std/assert";
import { TimeLimitError } from "./limited_time.ts";
import { FakeClock } from "../testkit/mod.ts";
import { withinTime } from "./within_time.ts";

const never = () => new Promise<never>(() => {});
const live = new AbortController().signal;

Deno.test("withinTime() gives what the work gives or throws", async () => {
  const limits = { clock: new FakeClock(), limitMs: 1_000, stop: live };
  assertEquals(await withinTime(() => Promise.resolve(7), limits), { isStopped: false, value: 7 });
  await assertRejects(() => withinTime(() => Promise.reject(new RangeError("no")), limits), RangeError);
  assertEquals(limits.clock.sleepers, 0);
});

Deno.test("withinTime() leaves work that takes too long", async () => {
  const clock = new FakeClock();
  const working = withinTime(never, { clock, limitMs: 600_000, stop: live });
  const failing = assertRejects(() => working, TimeLimitError, "no answer within 600 s");
  await clock.advance(600_000);
  await failing;
});

Deno.test("withinTime() leaves work at the first signal, and when there was one before", async () => {
  const stop = new AbortController();
  const limits = { clock: new FakeClock(), limitMs: 1_000, stop: stop.signal };
  const working = withinTime(never, limits);
  stop.abort();
  assertEquals(await working, { isStopped: true });
  assertEquals(await withinTime(never, limits), { isStopped: true });
});

import { assertEquals, assertRejects } from "@std/assert";
import { createVirtualClock } from "./_test_clock.ts";
import { DeadlineError, withTimeout } from "./deadline.ts";

const timeoutMs = 100;

Deno.test("withTimeout() gives what the work gives and leaves no timer behind", async () => {
  const clock = createVirtualClock();
  assertEquals(await withTimeout(() => Promise.resolve(7), { timeoutMs, clock }), 7);
  await assertRejects(
    () => withTimeout(() => Promise.reject(new Error("no")), { timeoutMs, clock }),
    Error,
    "no",
  );
  assertEquals(clock.sleepers, 0);
});

Deno.test("withTimeout() gives up on work that is deaf, and tells work that listens", async () => {
  const clock = createVirtualClock();
  let heard: unknown;
  const waiting = withTimeout((stop) => {
    stop.addEventListener("abort", () => heard = stop.reason);
    return new Promise(() => {});
  }, { timeoutMs, clock });
  await assertRejects(() => clock.run(waiting), DeadlineError, "100 ms");
  assertEquals([heard instanceof DeadlineError, clock.elapsed()], [true, 100]);
});

Deno.test("withTimeout() gives up with the caller's reason and leaves no timer behind", async () => {
  const clock = createVirtualClock();
  const caller = new AbortController();
  const waiting = withTimeout(() => new Promise(() => {}), { timeoutMs, clock, signal: caller.signal });
  caller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(clock.sleepers, 0);
});

Deno.test("withTimeout() does not start work for a caller that has given up", async () => {
  const clock = createVirtualClock();
  let isStarted = false;
  const work = () => Promise.resolve(isStarted = true);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => withTimeout(work, { timeoutMs, clock, signal }), Error, "enough");
  assertEquals(isStarted, false);
});

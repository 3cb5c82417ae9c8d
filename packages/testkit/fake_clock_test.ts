import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeClock } from "./fake_clock.ts";

Deno.test("FakeClock stands still until it is advanced", async () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  assertEquals(clock.date.toISOString(), "2026-01-01T00:00:00.000Z");
  await clock.advance(1500);
  assertEquals(clock.now() - Date.UTC(2026, 0, 1), 1500);
  assertEquals(clock.elapsed(), 1500);
});

Deno.test("FakeClock wakes sleepers in the order of their time", async () => {
  const clock = new FakeClock(0);
  const woken: string[] = [];
  const sleep = (name: string, ms: number) =>
    clock.sleep(ms).then(() => woken.push(`${name}@${clock.now()}`));
  void sleep("late", 300);
  void sleep("early", 100).then(() => sleep("nested", 100));
  assertEquals(clock.sleepers, 2);
  await clock.advance(99);
  assertEquals(woken, []);
  await clock.advance(250);
  assertEquals(woken, ["early@100", "nested@200", "late@300"]);
  assertEquals(clock.now(), 349);
});

Deno.test("FakeClock keeps sleepers asleep when the wall clock is set", async () => {
  const clock = new FakeClock(1_000_000);
  let woke = false;
  void clock.sleep(10).then(() => woke = true);
  clock.set(0);
  await clock.advance(9);
  assertEquals([woke, clock.now()], [false, 9]);
  await clock.advance(1);
  assertEquals(woke, true);
});

Deno.test("FakeClock rejects a sleep that is aborted", async () => {
  const clock = new FakeClock();
  const control = new AbortController();
  const sleeping = clock.sleep(10, control.signal);
  control.abort(new Error("stop"));
  await assertRejects(() => sleeping, Error, "stop");
  assertEquals(clock.sleepers, 0);
  await assertRejects(() => clock.sleep(10, control.signal), Error, "stop");
});

Deno.test("FakeClock tells when someone sleeps", async () => {
  const clock = new FakeClock();
  const waiting = clock.waitForSleepers();
  const sleeping = Promise.resolve().then(() => clock.sleep(5));
  await waiting;
  await clock.advance(5);
  await sleeping;
  assertThrows(() => clock.set("nonsense"), TypeError, '"nonsense"');
});

import { LockHeldError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { openWhenFree } from "./open_when_free.ts";

/** A lock that is held for some time, and a clock that only sleeping moves on. */
function holdLock(heldMs: number) {
  let ms = 0;
  const sleep = (pauseMs: number) => Promise.resolve(void (ms += pauseMs));
  const error = new LockHeldError("Cannot open it: process 12 has it open");
  return {
    clock: { elapsed: () => ms, sleep },
    open: () => ms >= heldMs ? Promise.resolve(ms) : Promise.reject(error),
  };
}

Deno.test("openWhenFree() opens as soon as it is free, and tells once whom it waits for", async () => {
  const { clock, open } = holdLock(900);
  const told: string[] = [];
  const onWait = ({ message }: LockHeldError) => void told.push(message);
  assertEquals(await openWhenFree(open, { clock, limitMs: 10_000, onWait }), 1_000);
  assertEquals(told, ["Cannot open it: process 12 has it open"]);
});

Deno.test("openWhenFree() names the holder when the time is over", async () => {
  const { clock, open } = holdLock(2_001);
  await assertRejects(() => openWhenFree(open, { clock, limitMs: 2_000 }), LockHeldError, "process 12");
  assertEquals(clock.elapsed(), 2_000);
});

Deno.test("openWhenFree() passes every other failure on at once", async () => {
  const { clock } = holdLock(0);
  const open = () => Promise.reject(new Error("it is broken"));
  await assertRejects(() => openWhenFree(open, { clock, limitMs: 9_000 }), Error, "broken");
  assertEquals(clock.elapsed(), 0);
});

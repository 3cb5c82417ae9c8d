import { type Clock, StoreError } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { createReading } from "./reading.ts";

/** A clock that is moved by hand; whoever sleeps is woken by `pass`. */
function createClock() {
  let ms = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const clock: Clock = {
    now: () => ms,
    elapsed: () => ms,
    sleep: (wait, signal) =>
      new Promise((resolve, reject) => {
        sleepers.add({ until: ms + wait, wake: resolve });
        signal?.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  const pass = (by: number) => {
    ms += by;
    for (const { until, wake } of sleepers) if (until <= ms) wake();
  };
  return { clock, pass };
}

function createCase() {
  const { clock, pass } = createClock();
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log = { debug: write, info: write, warn: write, error: write };
  const asked: PromiseWithResolvers<number>[] = [];
  const read = () => {
    const next = Promise.withResolvers<number>();
    asked.push(next);
    return next.promise;
  };
  const reading = createReading(read, { clock, log, freshMs: 5_000 });
  return { reading, asked, pass, logged };
}

Deno.test("createReading() asks once for all who wait, and not again while it is fresh", async () => {
  const { reading, asked, pass } = createCase();
  const both = [reading.read(), reading.read()];
  asked[0]!.resolve(1);
  assertEquals(await Promise.all(both), [{ isKnown: true, value: 1 }, { isKnown: true, value: 1 }]);
  pass(4_999);
  assertEquals((await reading.read()).isKnown, true);
  assertEquals(asked.length, 1);
  pass(1);
  const later = reading.read();
  asked[1]!.resolve(2);
  assertEquals(await later, { isKnown: true, value: 2 });
});

Deno.test("createReading() waits two seconds, shows what was known, and takes the answer when it comes", async () => {
  const { reading, asked, pass } = createCase();
  const first = reading.read();
  pass(2_000);
  assertEquals(await first, { isKnown: false, reason: "no answer within 2 s" });
  asked[0]!.resolve(1);
  await asked[0]!.promise;
  assertEquals(await reading.read(), { isKnown: true, value: 1 });
  pass(5_000);
  const late = reading.read();
  pass(2_000);
  assertEquals([await late, asked.length], [{ isKnown: true, value: 1 }, 2]);
});

Deno.test("createReading() tells why, without what nobody expected", async () => {
  const { reading, asked, logged } = createCase();
  const away = reading.read();
  asked[0]!.reject(new StoreError("Cannot connect to db.internal"));
  assertEquals(await away, { isKnown: false, reason: "the database can't be used now" });
  const broken = reading.read();
  asked[1]!.reject(new TypeError("secret is undefined"));
  const answer = await broken;
  assertEquals(answer, { isKnown: false, reason: "it failed for a reason that is in the server's log" });
  assertEquals(logged, ["A part of a page failed"]);
});

Deno.test("createReading() begins anew after a minute without an answer, and when it is told to forget", async () => {
  const { reading, asked, pass } = createCase();
  const lost = reading.read();
  pass(60_000);
  assertEquals((await lost).isKnown, false);
  const again = reading.read();
  assertEquals(asked.length, 2);
  asked[1]!.resolve(2);
  await again;
  asked[0]!.resolve(1);
  await asked[0]!.promise;
  assertEquals(await reading.read(), { isKnown: true, value: 2 });
  reading.forget();
  const anew = reading.read();
  asked[2]!.resolve(3);
  assertEquals(await anew, { isKnown: true, value: 3 });
});

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { createVirtualClock, realClock } from "./_test_clock.ts";
import { createTokenBucket } from "./token_bucket.ts";

/** Runs `count` takes by `workers` callers and gives the instants of their passing, in milliseconds. */
async function measure(options: {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly count: number;
  readonly workers: number;
  readonly lateMs?: number;
}): Promise<number[]> {
  const clock = createVirtualClock({ lateMs: options.lateMs });
  const bucket = createTokenBucket({ ...options, clock });
  const passedAt: number[] = [];
  let left = options.count;
  async function work(): Promise<void> {
    while (left-- > 0) {
      await bucket.take();
      passedAt.push(clock.elapsed());
    }
  }
  await clock.run(Promise.all(Array.from({ length: options.workers }, work)));
  return passedAt;
}

/** The most that passed beyond `rate * t` in any stretch. */
function findWorstExcess(passedAt: readonly number[], ratePerSecond: number): number {
  let worst = 0;
  passedAt.forEach((from, first) => {
    for (let last = first; last < passedAt.length; last++) {
      const seconds = (passedAt[last]! - from) / 1000;
      worst = Math.max(worst, last - first + 1 - seconds * ratePerSecond);
    }
  });
  return worst;
}

for (
  const { label, ...options } of [
    { label: "one caller", ratePerSecond: 100, burst: 10, count: 2000, workers: 1 },
    { label: "many callers", ratePerSecond: 100, burst: 10, count: 2000, workers: 64 },
    { label: "late timers", ratePerSecond: 100, burst: 10, count: 2000, workers: 8, lateMs: 7 },
    { label: "one session a second", ratePerSecond: 1, burst: 10, count: 100, workers: 3 },
    { label: "an odd rate", ratePerSecond: 7.3, burst: 4, count: 500, workers: 5 },
  ]
) {
  Deno.test(`createTokenBucket() keeps its rate over a long run of ${label}`, async () => {
    const passedAt = await measure(options);
    const seconds = passedAt.at(-1)! / 1000;
    assertAlmostEquals(
      (options.count - options.burst) / seconds,
      options.ratePerSecond,
      options.ratePerSecond / 100,
    );
    assertLessOrEqual(findWorstExcess(passedAt, options.ratePerSecond), options.burst + 1e-6);
  });
}

Deno.test("createTokenBucket() lets no stretch exceed burst plus rate, whatever the load", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        ratePerSecond: fc.double({ min: 0.5, max: 500, noNaN: true }),
        burst: fc.integer({ min: 1, max: 20 }),
        count: fc.integer({ min: 1, max: 80 }),
        workers: fc.integer({ min: 1, max: 12 }),
        lateMs: fc.integer({ min: 0, max: 30 }),
      }),
      async (options) => {
        const passedAt = await measure(options);
        assertEquals(passedAt.length, options.count);
        assertLessOrEqual(findWorstExcess(passedAt, options.ratePerSecond), options.burst + 1e-6);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("take() lets callers pass in the order of their calls", async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ ratePerSecond: 10, burst: 2, clock });
  const order: number[] = [];
  await clock.run(
    Promise.all([0, 1, 2, 3, 4, 5].map((caller) => bucket.take().then(() => order.push(caller)))),
  );
  assertEquals(order, [0, 1, 2, 3, 4, 5]);
  assertEquals(clock.elapsed(), 400);
});

Deno.test("take() lets no newcomer overtake a caller whose timer is late", async () => {
  const clock = createVirtualClock({ lateMs: 50 });
  const bucket = createTokenBucket({ ratePerSecond: 10, burst: 1, clock });
  const order: string[] = [];
  await bucket.take();
  const first = bucket.take().then(() => order.push("first"));
  // The token is there after 100 ms, the first caller wakes after 150 ms, the newcomer comes after 120 ms.
  const second = clock.sleep(70).then(() => bucket.take()).then(() => order.push("newcomer"));
  await clock.run(Promise.all([first, second]));
  assertEquals(order, ["first", "newcomer"]);
});

Deno.test("take() rejects with the signal's reason and takes no token", async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ ratePerSecond: 1, burst: 1, clock });
  await bucket.take();
  const quitter = new AbortController();
  const quitting = bucket.take(quitter.signal);
  const patient = bucket.take().then(() => clock.elapsed());
  const reason = new Error("enough");
  quitter.abort(reason);
  assertEquals(await assertRejects(() => quitting), reason);
  assertEquals(await clock.run(patient), 1000);
});

Deno.test("take() rejects at once when the signal is aborted already, and leaves no timer behind", async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ ratePerSecond: 1, burst: 1, clock });
  await assertRejects(() => bucket.take(AbortSignal.abort(new Error("gone"))), Error, "gone");
  await bucket.take();
  const quitter = new AbortController();
  const quitting = bucket.take(quitter.signal);
  await Promise.resolve();
  quitter.abort(new Error("gone"));
  await assertRejects(() => quitting, Error, "gone");
  assertEquals(clock.sleepers, 0);
});

Deno.test("take() fills the bucket in a rest, up to the burst only", async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ ratePerSecond: 10, burst: 3, clock });
  await clock.run(Promise.all([1, 2, 3].map(() => bucket.take())));
  await clock.run(clock.sleep(60_000));
  await clock.run(Promise.all([1, 2, 3, 4].map(() => bucket.take())));
  assertEquals(clock.elapsed(), 60_100);
});

Deno.test("createTokenBucket() refuses a rate or a burst that lets nobody pass", () => {
  for (const [ratePerSecond, burst] of [[0, 1], [-1, 1], [1, 0], [NaN, 1], [1, NaN]] as const) {
    assertThrows(() => createTokenBucket({ ratePerSecond, burst, clock: realClock }), RangeError);
  }
});

Deno.test("createTokenBucket() keeps its rate on the machine's clock", async () => {
  const bucket = createTokenBucket({ ratePerSecond: 200, burst: 5, clock: realClock });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 65 }, () => bucket.take()));
  const seconds = (performance.now() - startedAt) / 1000;
  // 60 tokens at 200 a second are 0.3 s; a loaded machine may be slower, never faster.
  assertGreater(seconds, 0.295);
  assert(seconds < 1.5, `took ${seconds} s`);
});

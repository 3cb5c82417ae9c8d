import { StoreError } from "@ipcascade/core";
import { assertEquals, assertGreater, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MemoryRateLedger } from "../testkit/memory_rate_ledger.ts";
import { createVirtualClock, type VirtualClock } from "./_test_clock.ts";
import { createSharedLimiter } from "./shared_limiter.ts";

function open({ ratePerSecond = 10, lateMs = 0, processes = 1 } = {}) {
  const clock = createVirtualClock({ lateMs });
  const ledger = new MemoryRateLedger(clock);
  const limiters = Array.from(
    { length: processes },
    () => createSharedLimiter({ ledger, name: "greynoise", ratePerSecond, clock }),
  );
  return { clock, ledger, limiters, limiter: limiters[0]! };
}

/** The most that passed beyond `rate * t` in any stretch. */
function findWorstExcess(passedAt: readonly number[], ratePerSecond: number): number {
  const sorted = passedAt.toSorted((a, b) => a - b);
  return Math.max(
    ...sorted.map((from, first) =>
      Math.max(...sorted.slice(first).map((to, more) => more + 1 - (to - from) * ratePerSecond / 1000))
    ),
  );
}

async function measure(
  { clock, limiters }: { clock: VirtualClock; limiters: readonly { take(): Promise<void> }[] },
  { workers, count }: { readonly workers: number; readonly count: number },
): Promise<number[]> {
  const passedAt: number[] = [];
  let left = count;
  const work = async (limiter: { take(): Promise<void> }) => {
    while (left-- > 0) {
      await limiter.take();
      passedAt.push(clock.elapsed());
    }
  };
  await clock.run(
    Promise.all(limiters.flatMap((limiter) => Array.from({ length: workers }, () => work(limiter)))),
  );
  return passedAt;
}

for (
  const [label, options] of [
    ["one process", { processes: 1, ratePerSecond: 10, workers: 10 }],
    ["four processes", { processes: 4, ratePerSecond: 10, workers: 10 }],
    ["forty processes", { processes: 40, ratePerSecond: 10, workers: 2 }],
    ["four processes at a high rate", { processes: 4, ratePerSecond: 100, workers: 5 }],
    ["four processes at a low rate", { processes: 4, ratePerSecond: 1, workers: 2 }],
  ] as const
) {
  Deno.test(`createSharedLimiter() keeps one rate for ${label}`, async () => {
    const { workers, ...more } = options;
    const world = open(more);
    const count = options.ratePerSecond * 30;
    const passedAt = await measure(world, { workers, count });
    assertEquals(passedAt.length, count);
    assertLessOrEqual(findWorstExcess(passedAt, options.ratePerSecond), 1 + 1e-6);
    assertLessOrEqual(Math.max(...passedAt), 30_000 * 1.02);
  });
}

Deno.test("createSharedLimiter() exceeds its rate by no more than late timers explain, whatever the load", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        processes: fc.integer({ min: 1, max: 6 }),
        ratePerSecond: fc.double({ min: 0.5, max: 200, noNaN: true }),
        workers: fc.integer({ min: 1, max: 6 }),
        count: fc.integer({ min: 1, max: 80 }),
        lateMs: fc.integer({ min: 0, max: 80 }),
        answerMs: fc.integer({ min: 0, max: 300 }),
      }),
      async ({ lateMs, answerMs, workers, count, ...options }) => {
        const world = open({ ...options, lateMs });
        world.ledger.answerMs = answerMs;
        const passedAt = await measure(world, { workers, count });
        assertEquals(passedAt.length, count);
        // A slot is used at most 100 ms late, and counts from the answer, which is late by as much as the clock says.
        const lateSlots = (100 + answerMs + lateMs) * options.ratePerSecond / 1000;
        assertLessOrEqual(findWorstExcess(passedAt, options.ratePerSecond), 1 + lateSlots + 1e-6);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("take() leases slots for 0.2 s at a time, and one at a time while others are ahead", async () => {
  const alone = open();
  await measure(alone, { workers: 10, count: 21 });
  // The first one to come asks for itself.
  assertEquals(alone.ledger.leases, [1, ...Array<number>(10).fill(2)]);
  const crowded = open({ processes: 4 });
  await measure(crowded, { workers: 10, count: 40 });
  assertEquals(crowded.ledger.leases.slice(-4), [1, 1, 1, 1]);
  const fast = open({ ratePerSecond: 100 });
  await measure(fast, { workers: 50, count: 100 });
  assertEquals(Math.max(...fast.ledger.leases), 20);
});

Deno.test("take() lets callers pass in the order of their calls", async () => {
  const { clock, limiter } = open();
  const order: number[] = [];
  await clock.run(
    Promise.all([0, 1, 2, 3, 4, 5].map((caller) => limiter.take().then(() => order.push(caller)))),
  );
  assertEquals(order, [0, 1, 2, 3, 4, 5]);
  assertEquals(clock.elapsed(), 500);
});

Deno.test("take() saves nothing up in a rest, and uses no slot that went stale in it", async () => {
  const { clock, ledger, limiter } = open();
  const [first, second] = [limiter.take(), limiter.take()];
  await clock.run(Promise.all([first, second]));
  const quitter = new AbortController();
  const quitting = [limiter.take(quitter.signal), limiter.take(quitter.signal)];
  await clock.run(clock.sleep(50));
  quitter.abort(new Error("enough"));
  for (const take of quitting) await assertRejects(() => take, Error, "enough");
  await clock.run(clock.sleep(10_000));
  const leases = ledger.leases.length;
  const startedAt = clock.elapsed();
  await clock.run(Promise.all([limiter.take(), limiter.take(), limiter.take()]));
  assertEquals(clock.elapsed() - startedAt, 200);
  assertGreater(ledger.leases.length, leases, "the slots that were held are not used");
});

Deno.test("take() leaves the slot of a caller that gives up to the next one", async () => {
  const { clock, ledger, limiter } = open();
  await clock.run(limiter.take());
  const quitter = new AbortController();
  const quitting = limiter.take(quitter.signal);
  const patient = limiter.take().then(() => clock.elapsed());
  const reason = new Error("enough");
  await clock.run(clock.sleep(10));
  quitter.abort(reason);
  assertEquals(await assertRejects(() => quitting), reason);
  assertEquals(await clock.run(patient), 100);
  assertEquals(ledger.leases.length, 2);
});

Deno.test("take() rejects at once when the signal is aborted already, and leaves no timer behind", async () => {
  const { clock, ledger, limiter } = open();
  await assertRejects(() => limiter.take(AbortSignal.abort(new Error("gone"))), Error, "gone");
  assertEquals(ledger.leases, []);
  await clock.run(limiter.take());
  const quitter = new AbortController();
  const quitting = limiter.take(quitter.signal);
  await clock.run(clock.sleep(1));
  quitter.abort(new Error("gone"));
  await assertRejects(() => quitting, Error, "gone");
  await Promise.resolve();
  assertEquals(clock.sleepers, 0);
});

Deno.test("take() lets nobody pass while the ledger can't be read, and goes on when it can", async () => {
  const { clock, ledger, limiter } = open();
  ledger.failure = new StoreError("Cannot use the database: gone");
  const results = await Promise.allSettled([limiter.take(), limiter.take(), limiter.take()]);
  assertEquals(results.map((result) => result.status === "rejected" && result.reason), [
    ledger.failure,
    ledger.failure,
    ledger.failure,
  ]);
  ledger.failure = null;
  await clock.run(limiter.take());
});

Deno.test("take() uses no slot whose lease was long under way, and says so when that goes on", async () => {
  const { clock, ledger, limiter } = open();
  ledger.answerMs = 600;
  const taking = limiter.take();
  await clock.run(clock.sleep(1_000));
  ledger.answerMs = 100;
  await clock.run(taking);
  assertEquals([ledger.leases.length, clock.elapsed()], [3, 1_300]);
  ledger.answerMs = 600;
  const startedAt = clock.elapsed();
  await assertRejects(
    () => clock.run(limiter.take()),
    StoreError,
    'Cannot keep the rate of "greynoise": the database took 600 ms to answer, 500 ms are allowed',
  );
  assertEquals(clock.elapsed() - startedAt, 5 * 600);
});

Deno.test("createSharedLimiter() refuses a rate that lets nobody pass", () => {
  for (const ratePerSecond of [0, -1, NaN]) assertThrows(() => open({ ratePerSecond }), RangeError);
});

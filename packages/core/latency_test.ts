import { assert, assertAlmostEquals, assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { LatencyHistogram } from "./latency.ts";

/** The 95th percentile by nearest rank. */
function exactP95(durations: readonly number[]): number {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1]!;
}

function histogramOf(durations: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const duration of durations) histogram.add(duration);
  return histogram;
}

// From a microsecond to an hour, each order of magnitude alike.
const duration = fc.double({ min: Math.log(0.0011), max: Math.log(3_600_000), noNaN: true }).map(Math.exp);

Deno.test("LatencyHistogram has nothing to say before the first measurement", () => {
  assertEquals(new LatencyHistogram().summarise(), { count: 0, meanMs: null, p95Ms: null });
});

Deno.test("LatencyHistogram.summarise() is within 3 % of the exact 95th percentile", () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 400 }), (durations) => {
      const { count, meanMs, p95Ms } = histogramOf(durations).summarise();
      const exact = exactP95(durations);
      assertStrictEquals(count, durations.length);
      assertAlmostEquals(p95Ms!, exact, exact * 0.03);
      const mean = durations.reduce((sum, value) => sum + value, 0) / durations.length;
      assertAlmostEquals(meanMs!, mean, mean * 1e-9);
    }),
    { numRuns: 500 },
  );
});

Deno.test("LatencyHistogram.summarise() gives a single measurement back", () => {
  for (const durationMs of [0, 0.0004, 1.7, 86_400_000]) {
    assertEquals(histogramOf([durationMs]).summarise(), { count: 1, meanMs: durationMs, p95Ms: durationMs });
  }
});

Deno.test("LatencyHistogram.summarise() takes the rank below which 95 of 100 lie", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index < 95 ? 1 : 1_000);
  assertAlmostEquals(histogramOf(hundred).summarise().p95Ms!, 1, 0.03);
  hundred[94] = 1_000;
  assertAlmostEquals(histogramOf(hundred).summarise().p95Ms!, 1_000, 30);
});

Deno.test("LatencyHistogram.add() counts a duration several times", () => {
  const once = new LatencyHistogram();
  once.add(2, 1_000);
  once.add(50, 10);
  const many = histogramOf([...new Array<number>(1_000).fill(2), ...new Array<number>(10).fill(50)]);
  assertEquals(once.summarise(), many.summarise());
});

Deno.test("LatencyHistogram takes durations outside its range", () => {
  assertLess(histogramOf([0]).summarise().p95Ms!, 0.0011);
  const day = histogramOf([86_400_000]).summarise();
  assertStrictEquals(day.meanMs, 86_400_000);
  assert(day.p95Ms! > 3_600_000);
});

Deno.test("LatencyHistogram keeps its size after a million measurements", () => {
  const histogram = new LatencyHistogram();
  histogram.add(1);
  const before = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000_000; i++) histogram.add((i % 1_000) + 0.5);
  assertLess(Deno.memoryUsage().heapUsed - before, 6_000_000);
  assertStrictEquals(histogram.summarise().count, 1_000_001);
});

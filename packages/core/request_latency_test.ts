import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { addBuckets, LATENCY_BUCKETS, latencyBucket, latencyFigures } from "./request_latency.ts";

function bucketsOf(durations: readonly number[]): number[] {
  const buckets = new Array<number>(LATENCY_BUCKETS).fill(0);
  for (const duration of durations) buckets[latencyBucket(duration)]!++;
  return buckets;
}

/** The duration of a rank: what a percentile is without buckets. */
function exact(durations: readonly number[], share: number): number {
  return [...durations].sort((a, b) => a - b)[Math.ceil(durations.length * share) - 1]!;
}

// From two microseconds to a minute and a half, evenly by orders of magnitude.
const DURATION = fc.double({ min: Math.log(0.002), max: Math.log(90_000), noNaN: true }).map(Math.exp);

Deno.test("latencyFigures() gives percentiles that are off by an eighth at most", () => {
  fc.assert(fc.property(fc.array(DURATION, { minLength: 1, maxLength: 300 }), (durations) => {
    const { p50Ms, p95Ms, p99Ms } = latencyFigures(bucketsOf(durations), 0);
    for (const [found, share] of [[p50Ms, 0.5], [p95Ms, 0.95], [p99Ms, 0.99]] as const) {
      const ratio = found! / exact(durations, share);
      assert(ratio > 0.875 && ratio < 1.125, `${share}: ${found} for ${exact(durations, share)}`);
    }
    assert(p50Ms! <= p95Ms! && p95Ms! <= p99Ms!);
  }));
});

Deno.test("latencyFigures() of histograms that are added is that of all durations together", () => {
  fc.assert(fc.property(fc.array(fc.array(DURATION, { maxLength: 40 }), { maxLength: 6 }), (parts) => {
    const all = parts.flat();
    const sumMs = all.reduce((sum, duration) => sum + duration, 0);
    assertEquals(
      latencyFigures(addBuckets(parts.map(bucketsOf)), sumMs),
      latencyFigures(bucketsOf(all), sumMs),
    );
    const { meanMs } = latencyFigures(bucketsOf(all), sumMs);
    assertEquals(meanMs, all.length === 0 ? null : sumMs / all.length);
  }));
});

Deno.test("latencyBucket() takes every number, and never a smaller bucket for a longer duration", () => {
  for (const odd of [0, -1, NaN]) assertEquals(latencyBucket(odd), 0);
  assertEquals(latencyBucket(Infinity), LATENCY_BUCKETS - 1);
  fc.assert(fc.property(DURATION, DURATION, (a, b) => {
    const [short, long] = a < b ? [a, b] : [b, a];
    assert(latencyBucket(short) <= latencyBucket(long));
  }));
});

Deno.test("addBuckets() takes histograms of other lengths, as another version may have written them", () => {
  const long = new Array<number>(LATENCY_BUCKETS + 2).fill(1);
  assertEquals(addBuckets([[1, 2], long]).reduce((sum, times) => sum + times, 0), LATENCY_BUCKETS + 5);
});

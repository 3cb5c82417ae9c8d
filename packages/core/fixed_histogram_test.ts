import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FixedHistogram } from "./fixed_histogram.ts";

Deno.test("FixedHistogram counts what is no larger than a bound, and all of it", () => {
  const histogram = new FixedHistogram([0.1, 1]);
  for (const value of [0, 0.1, 0.2, 1, 5]) histogram.add(value);
  const { buckets, sum, count } = histogram.read({});
  assertEquals(buckets, [{ upper_bound: 0.1, count: 2 }, { upper_bound: 1, count: 4 }]);
  assertEquals([Math.round(sum * 10) / 10, count], [6.3, 5]);
});

Deno.test("FixedHistogram takes what is below zero for zero, and leaves out what is no number", () => {
  const histogram = new FixedHistogram([1]);
  histogram.add(-3);
  histogram.add(NaN);
  assertEquals(histogram.read({}), { labels: {}, buckets: [{ upper_bound: 1, count: 1 }], sum: 0, count: 1 });
});

Deno.test("FixedHistogram has ascending buckets below the count, and the sum, for any measurements", () => {
  const bounds = fc.uniqueArray(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), {
    minLength: 1,
    maxLength: 12,
  })
    .map((values) => values.sort((a, b) => a - b));
  const values = fc.array(fc.double({ min: 0, max: 2e3, noNaN: true }), { maxLength: 200 });
  fc.assert(fc.property(bounds, values, (sorted, measured) => {
    const histogram = new FixedHistogram(sorted);
    for (const value of measured) histogram.add(value);
    const { buckets, sum, count } = histogram.read({});
    assertEquals(count, measured.length);
    assertEquals(sum, measured.reduce((total, value) => total + value, 0));
    for (const [index, bucket] of buckets.entries()) {
      assertEquals(bucket.count, measured.filter((value) => value <= sorted[index]!).length);
      assertEquals(bucket.count >= (buckets[index - 1]?.count ?? 0) && bucket.count <= count, true);
    }
  }));
});

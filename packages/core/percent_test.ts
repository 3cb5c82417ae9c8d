import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { percentOf, pointsBetween } from "./percent.ts";

const COUNT = fc.integer({ min: 0, max: 1_000_000_000 });

Deno.test("percentOf() rounds down and never divides by zero", () => {
  const cases: readonly (readonly [part: number, whole: number, percent: number | null])[] = [
    [0, 0, null],
    [0, 1, 0],
    [1, 1, 100],
    [999_999, 1_000_000, 99.99],
    [1, 3, 33.33],
    [2, 3, 66.66],
    [1, 1_000_000, 0],
    [29, 100, 29],
  ];
  for (const [part, whole, percent] of cases) {
    assertEquals(percentOf(part, whole), percent, `${part}/${whole}`);
  }
});

Deno.test("percentOf() is 0 to 100, is 100 for all alone, and grows with the part", () => {
  fc.assert(fc.property(COUNT, COUNT, COUNT, (a, b, c) => {
    const [less, part, whole] = [a, b, c].sort((left, right) => left - right) as [number, number, number];
    const percent = percentOf(part, whole);
    if (whole === 0) return assertEquals(percent, null);
    assert(percent !== null && percent >= 0 && percent <= 100);
    assertEquals(percent === 100, part === whole);
    assert(percentOf(less, whole)! <= percent);
    assert(Math.abs(percent - (part / whole) * 100) < 0.010_001);
  }));
});

Deno.test("percentOf() of parts that exclude each other adds up to no more than 100", () => {
  fc.assert(fc.property(fc.array(COUNT, { minLength: 1, maxLength: 12 }), (parts) => {
    const whole = parts.reduce((sum, part) => sum + part, 0);
    const percents = parts.map((part) => percentOf(part, whole) ?? 0);
    assert(percents.reduce((sum, percent) => sum + percent, 0) <= 100.000_001);
  }));
});

Deno.test("pointsBetween() has two decimals, and is null where a share is not known", () => {
  assertEquals(pointsBetween(89.99, 90.1), 0.11);
  assertEquals(pointsBetween(90.1, 89.99), -0.11);
  assertEquals([pointsBetween(null, 1), pointsBetween(1, null)], [null, null]);
});

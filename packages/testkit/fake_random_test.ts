import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { FakeRandom } from "./fake_random.ts";

Deno.test("FakeRandom repeats itself when the seed is the same", () => {
  const numbers = (seed: number) => {
    const random = new FakeRandom(seed);
    return Array.from({ length: 5 }, random.next);
  };
  assertEquals(numbers(3), numbers(3));
  assertNotEquals(numbers(3), numbers(4));
});

Deno.test("FakeRandom spreads evenly over [0, 1)", () => {
  const random = new FakeRandom();
  const numbers = Array.from({ length: 20_000 }, random.next);
  assert(numbers.every((number) => number >= 0 && number < 1));
  assertAlmostEquals(numbers.reduce((sum, number) => sum + number) / numbers.length, 0.5, 0.01);
});

Deno.test("FakeRandom picks and shuffles without loss", () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const shuffled = new FakeRandom(2).shuffle(items);
  assertNotEquals(shuffled, items);
  assertEquals([...shuffled].sort(), items);
  assert(items.includes(new FakeRandom(9).pick(items)));
  assertThrows(() => new FakeRandom().pick([]), RangeError, "empty");
});

import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { getHeapStatistics } from "node:v8";
import { createHeapKeeper } from "./heap.ts";

Deno.test("createHeapKeeper() gives back what is not in use once the limit is passed", () => {
  const keep = createHeapKeeper(32);
  let garbage: unknown[] = [];
  for (let i = 0; i < 1_500_000; i++) garbage.push({ i });
  const before = getHeapStatistics().total_heap_size;
  garbage = [];
  keep();
  assertLess(getHeapStatistics().total_heap_size, before / 2);
});

Deno.test("createHeapKeeper() leaves a heap alone that is large because it is in use", () => {
  const kept = listObjects(1_500_000);
  const keep = createHeapKeeper(32);
  keep();
  listObjects(200_000);
  const before = getHeapStatistics().used_heap_size;
  keep();
  assertGreaterOrEqual(getHeapStatistics().used_heap_size, before);
  assertEquals(kept.length, 1_500_000);
});

function listObjects(count: number): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => ({ index }));
}

import { assertLess } from "@std/assert";
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

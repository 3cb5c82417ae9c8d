import { assertEquals, assertLessOrEqual } from "@std/assert";
import { GenerationCache } from "./generation_cache.ts";

Deno.test("GenerationCache.find() gives what was kept, null included", () => {
  const cache = new GenerationCache<string | null>(10);
  cache.keep(0, null);
  cache.keep(7, "seven");
  assertEquals([cache.find(0), cache.find(7), cache.find(8)], [null, "seven", undefined]);
});

Deno.test("GenerationCache.keep() never holds more than it may", () => {
  const cache = new GenerationCache<number>(10);
  for (let key = 0; key < 1_000; key++) {
    cache.keep(key, key);
    cache.find(key >>> 1);
    assertLessOrEqual(cache.size, 10);
  }
  assertEquals([cache.find(999), cache.find(1)], [999, undefined]);
});

Deno.test("GenerationCache.find() saves from oblivion what is asked for", () => {
  const cache = new GenerationCache<string>(10);
  cache.keep(-1, "asked for");
  cache.keep(-2, "not asked for");
  for (let key = 0; key < 100; key++) {
    cache.keep(key, "filler");
    cache.find(-1);
  }
  assertEquals([cache.find(-1), cache.find(-2)], ["asked for", undefined]);
});

Deno.test("GenerationCache.keep() replaces a value of the old generation", () => {
  const cache = new GenerationCache<string>(2);
  cache.keep(1, "old");
  cache.keep(2, "pushes the other into the old generation");
  cache.keep(1, "new");
  assertEquals(cache.find(1), "new");
});

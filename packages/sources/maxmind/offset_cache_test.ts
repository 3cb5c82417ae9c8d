import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { OffsetCache } from "./offset_cache.ts";

Deno.test("OffsetCache.find() gives what was kept, null included", () => {
  const cache = new OffsetCache<string | null>(10);
  cache.keep(0, null);
  cache.keep(7, "seven");
  cache.keep(2 ** 31 - 2, "the last");
  const found = [0, 7, 2 ** 31 - 2, 8].map((offset) => cache.find(offset));
  assertEquals(found, [null, "seven", "the last", undefined]);
});

Deno.test("OffsetCache.keep() never holds more than it may", () => {
  const cache = new OffsetCache<number>(10);
  for (let offset = 0; offset < 1_000; offset++) {
    cache.keep(offset, offset);
    cache.find(offset >>> 1);
    assertLessOrEqual(cache.size, 10);
  }
  assertEquals([cache.find(999), cache.find(1)], [999, undefined]);
});

Deno.test("OffsetCache.keep() holds as many as it may before it forgets any", () => {
  const cache = new OffsetCache<number>(5_000);
  for (let offset = 0; offset < 5_000; offset++) cache.keep(offset * 17, offset);
  for (let offset = 0; offset < 5_000; offset++) assertEquals(cache.find(offset * 17), offset);
  assertEquals(cache.size, 5_000);
});

Deno.test("OffsetCache.find() ends for what is not kept, however full the table is", () => {
  const cache = new OffsetCache<number>(300);
  for (let count = 0; count < 300; count++) {
    cache.keep(count * 3, count);
    assertEquals([cache.find(count * 3), cache.find(count * 3 + 1)], [count, undefined]);
  }
});

Deno.test("OffsetCache.find() saves from oblivion what is asked for", () => {
  const cache = new OffsetCache<string>(10);
  cache.keep(1_001, "asked for");
  cache.keep(1_002, "not asked for");
  for (let offset = 0; offset < 100; offset++) {
    cache.keep(offset, "filler");
    cache.find(1_001);
  }
  assertEquals([cache.find(1_001), cache.find(1_002)], ["asked for", undefined]);
});

Deno.test("OffsetCache.keep() replaces a value, in a full cache too", () => {
  const cache = new OffsetCache<string>(2);
  cache.keep(1, "old");
  cache.keep(2, "another");
  cache.keep(1, "new");
  assertEquals([cache.find(1), cache.find(2), cache.size], ["new", "another", 2]);
});

Deno.test("OffsetCache.find() never gives anything but what was kept last", () => {
  const steps = fc.array(fc.tuple(fc.nat(60), fc.boolean()), { maxLength: 400 });
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 30 }), (list, maxEntries) => {
    const cache = new OffsetCache<number>(maxEntries);
    const last = new Map<number, number>();
    for (const [index, [offset, isKept]] of list.entries()) {
      if (isKept) {
        cache.keep(offset, index);
        last.set(offset, index);
        assertEquals(cache.find(offset), index);
      } else {
        const found = cache.find(offset);
        if (found !== undefined) assertEquals(found, last.get(offset));
      }
    }
  }));
});

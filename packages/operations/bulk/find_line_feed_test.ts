import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { findLineFeed } from "./find_line_feed.ts";

Deno.test("findLineFeed() finds what indexOf() finds, among bytes that are nearly line feeds", () => {
  const byte = fc.oneof(fc.constantFrom(9, 10, 11, 0x0a ^ 0x80, 0, 0xff), fc.nat(255));
  const bytes = fc.array(byte, { maxLength: 60 }).map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(bytes, fc.nat(60), (bytes, from) => {
      const start = Math.min(from, bytes.length);
      const found = bytes.indexOf(10, start);
      const view = new DataView(bytes.buffer);
      assertEquals(findLineFeed(view, start), found < 0 ? bytes.length : found);
    }),
    { numRuns: 1_000 },
  );
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { COPY_STEP, copyBytes } from "./copy_bytes.ts";

Deno.test("copyBytes() copies any bytes, and writes less than a step behind them", () => {
  const place = fc.nat(80);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), place, place, (bytes, from, to) => {
    const source = new Uint8Array(from + bytes.length + COPY_STEP);
    const target = new Uint8Array(to + bytes.length + 2 * COPY_STEP).fill(7);
    source.set(bytes, from);
    copyBytes(new DataView(target.buffer), to, new DataView(source.buffer), from, bytes.length);
    assertEquals(target.subarray(to, to + bytes.length), bytes);
    assertEquals(target.subarray(0, to).every((byte) => byte === 7), true);
    assertEquals(target.subarray(to + bytes.length + COPY_STEP - 1).every((byte) => byte === 7), true);
  }));
});

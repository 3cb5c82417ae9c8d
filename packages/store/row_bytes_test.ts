import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RowBytes } from "./_row_bytes.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
  fc.string({ unit: fc.constantFrom("a", "\\", '"', "\n", "\u0000", "\ud800", "\u00df", "\u{1f600}") }),
);
/** What is added, and the bytes that it makes. */
const addition = fc.oneof(
  fc.integer({ min: -128, max: 127 }).map((value) => ({
    add: (bytes: RowBytes) => bytes.addInt8(value),
    expected: Uint8Array.of(value),
  })),
  fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }).map((value) => ({
    add: (bytes: RowBytes) => bytes.addInt16(value),
    expected: bytesOf(2, (view) => view.setInt16(0, value)),
  })),
  fc.integer().map((value) => ({
    add: (bytes: RowBytes) => bytes.addInt32(value),
    expected: bytesOf(4, (view) => view.setInt32(0, value)),
  })),
  fc.maxSafeInteger().map((value) => ({
    add: (bytes: RowBytes) => bytes.addInt64(value),
    expected: bytesOf(8, (view) => view.setBigInt64(0, BigInt(value))),
  })),
  fc.double().map((value) => ({
    add: (bytes: RowBytes) => bytes.addFloat64(value),
    expected: bytesOf(8, (view) => view.setFloat64(0, value)),
  })),
  fc.uint8Array({ maxLength: 100 }).map((value) => ({
    add: (bytes: RowBytes) => bytes.addBytes(value),
    expected: value,
  })),
  text.map((value) => ({
    add: (bytes: RowBytes) => bytes.addText(value),
    expected: new TextEncoder().encode(value),
  })),
);

function bytesOf(length: number, set: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  set(new DataView(bytes.buffer));
  return bytes;
}

Deno.test("RowBytes holds what was added, however small it begins", () => {
  fc.assert(
    fc.property(fc.array(addition, { maxLength: 30 }), fc.nat({ max: 40 }), (additions, size) => {
      const bytes = new RowBytes(size);
      for (let time = 0; time < 2; time++) {
        for (const { add } of additions) add(bytes);
        assertEquals([...bytes.take()], additions.flatMap(({ expected }) => [...expected]));
        assertEquals(bytes.length, 0);
      }
    }),
  );
});

Deno.test("addPlain() takes what JSON writes as it is, and nothing else", () => {
  const bytes = new RowBytes(0);
  fc.assert(
    fc.property(text, (value) => {
      const isPlain = bytes.addPlain(value);
      const written = new TextDecoder().decode(bytes.take());
      const isPaired = /[\ud800-\udfff]/.test(value);
      assertEquals(isPlain, JSON.stringify(value) === `"${value}"` && !isPaired);
      assertEquals(written, isPlain ? value : "");
    }),
    { numRuns: 400 },
  );
});

Deno.test("cut() drops what was added since", () => {
  const bytes = new RowBytes(0);
  bytes.addText("kept");
  const { length } = bytes;
  bytes.addText("dropped");
  bytes.cut(length);
  bytes.addInt8(1);
  assertEquals([...bytes.take()], [...new TextEncoder().encode("kept"), 1]);
});

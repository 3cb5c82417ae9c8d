import { assertEquals, assertThrows } from "@std/assert";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MAX_RECORD_BYTES, MAX_RECORD_DEPTH, MAX_RECORD_VALUES } from "./mmdb_cursor.ts";
import { MmdbDecoder } from "./mmdb_decoder.ts";
import type { MmdbValue } from "./mmdb_value.ts";
import { bytesOf, nested } from "./_test_section.ts";

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

const VALUES: readonly (readonly [label: string, section: Uint8Array, value: MmdbValue])[] = [
  ["an empty text", bytesOf(0x40), ""],
  ["a text", bytesOf(0x43, "abc"), "abc"],
  ["a text beyond ASCII", bytesOf(0x45, "日é"), "日é"],
  ["a text with a byte order mark", bytesOf(0x44, "\ufeffa"), "\ufeffa"],
  ["a text of 29 bytes", bytesOf(0x5d, 0, "x".repeat(29)), "x".repeat(29)],
  ["a text of 284 bytes", bytesOf(0x5d, 255, "x".repeat(284)), "x".repeat(284)],
  ["a text of 285 bytes", bytesOf(0x5e, [0, 0], "x".repeat(285)), "x".repeat(285)],
  ["a text of 65 820 bytes", bytesOf(0x5e, [255, 255], "x".repeat(65_820)), "x".repeat(65_820)],
  ["a text of 65 821 bytes", bytesOf(0x5f, [0, 0, 0], "x".repeat(65_821)), "x".repeat(65_821)],
  ["a double", bytesOf(0x68, [0xc0, 0x28, 0x80, 0, 0, 0, 0, 0]), -12.25],
  ["a float", bytesOf(0x04, 0x08, [0x3f, 0x80, 0, 0]), 1],
  ["bytes", bytesOf(0x83, [0, 255, 7]), Uint8Array.of(0, 255, 7)],
  ["an empty uint16", bytesOf(0xa0), 0],
  ["a uint16", bytesOf(0xa2, [2, 1]), 513],
  ["a uint32", bytesOf(0xc4, [255, 255, 255, 255]), 4_294_967_295],
  ["a short uint32", bytesOf(0xc1, 80), 80],
  ["an empty int32", bytesOf(0x00, 0x01), 0],
  ["a negative int32", bytesOf(0x04, 0x01, [255, 255, 255, 251]), -5],
  ["a short int32, which is positive", bytesOf(0x01, 0x01, 255), 255],
  ["an empty uint64", bytesOf(0x00, 0x02), 0n],
  ["a uint64", bytesOf(0x08, 0x02, [255, 255, 255, 255, 255, 255, 255, 255]), 18_446_744_073_709_551_615n],
  ["a uint128", bytesOf(0x10, 0x03, 1, zeros(15)), 1n << 120n],
  ["false", bytesOf(0x00, 0x07), false],
  ["true", bytesOf(0x01, 0x07), true],
  ["an empty array", bytesOf(0x00, 0x04), []],
  ["an array", bytesOf(0x03, 0x04, [0x41, 97], [0xa1, 5], [0x01, 0x07]), ["a", 5, true]],
  ["an empty map", bytesOf(0xe0), {}],
  ["a map in a map", bytesOf(0xe1, [0x41, 97], 0xe1, [0x41, 98], 0xa1, 1), { a: { b: 1 } }],
  ["a map whose later entry wins", bytesOf(0xe2, [0x41, 97, 0xa0], [0x41, 97, 0xa1, 7]), { a: 7 }],
  ["a map with names of Object", bytesOf(0xe1, 0x4b, "constructor", 0xa1, 7), { constructor: 7 } as never],
];

for (const [label, section, value] of VALUES) {
  Deno.test(`MmdbDecoder.decode() reads ${label}`, () => {
    const decoder = new MmdbDecoder(section);
    assertEquals(decoder.decode(0), value);
    assertEquals(decoder.decode(0), value, "the second time");
    decoder.check(0);
  });
}

const POINTERS = [
  { size: 1, pointer: [0x20 | 7, 255], target: 2_047 },
  { size: 2, pointer: [0x28, 0, 0], target: 2_048 },
  { size: 2, pointer: [0x28 | 7, 255, 255], target: 526_335 },
  { size: 3, pointer: [0x30, 0, 0, 0], target: 526_336 },
  { size: 3, pointer: [0x30, 1, 2, 3], target: 592_387 },
  { size: 4, pointer: [0x38, 0, 0, 4, 0], target: 1_024 },
  // The three bits of the control byte mean nothing here.
  { size: 4, pointer: [0x38 | 7, 0, 1, 0, 0], target: 65_536 },
];

for (const { size, pointer, target } of POINTERS) {
  Deno.test(`MmdbDecoder.decode() follows a pointer of ${size} bytes to ${target}`, () => {
    const section = new Uint8Array(target + 6);
    section.set(bytesOf(0x02, 0x04, pointer, 0xa1, 9));
    section.set(bytesOf(0x45, "there"), target);
    assertEquals(new MmdbDecoder(section).decode(0), ["there", 9]);
  });
}

interface Placed {
  readonly section: Uint8Array;
  readonly offset: number;
}

/** Arrays of four pointers to the array before: few bytes, but four to the power of `levels` values. */
function exploding(levels: number, leaf: Uint8Array): Placed {
  const section = [...leaf];
  let offset = 0;
  for (let level = 0; level < levels; level++) {
    const target = offset;
    offset = section.length;
    section.push(0x04, 0x04);
    for (let item = 0; item < 4; item++) section.push(0x38, 0, 0, target >>> 8, target & 255);
  }
  return { section: Uint8Array.from(section), offset };
}

const DAMAGES: readonly (readonly [label: string, section: Uint8Array, state: string, offset?: number])[] = [
  ["an empty section", bytesOf(), "outside the section"],
  ["an offset behind the section", bytesOf(0x40), "outside the section", 1],
  ["a negative offset", bytesOf(0x40), "outside the section", -1],
  ["an offset that is no number", bytesOf(0x40), "outside the section", NaN],
  ["a text that is cut off", bytesOf(0x44, "abc"), "section ends"],
  ["a size that is cut off", bytesOf(0x5f, [0, 0]), "section ends"],
  ["a text whose size is 16 MB", bytesOf(0x5f, [255, 255, 255]), "section ends"],
  ["a type that is cut off", bytesOf(0x00), "section ends"],
  ["a pointer that is cut off", bytesOf(0x30, [0, 0]), "section ends"],
  ["a pointer out of the section", bytesOf(0x20, 2), "outside the section"],
  ["a pointer out of the section by 4 GB", bytesOf(0x38, [255, 255, 255, 255]), "outside the section"],
  ["a pointer to itself", bytesOf(0x20, 0), "pointer leads to a pointer"],
  ["a pointer to a pointer", bytesOf(0x20, 2, 0x20, 4, 0x40), "pointer leads to a pointer"],
  ["a double of 4 bytes", bytesOf(0x64, zeros(8)), "type 3 has size 4"],
  ["a float of 8 bytes", bytesOf(0x08, 0x08, zeros(8)), "type 15 has size 8"],
  ["a uint16 of 3 bytes", bytesOf(0xa3, zeros(3)), "type 5 has size 3"],
  ["a uint32 of 5 bytes", bytesOf(0xc5, zeros(5)), "type 6 has size 5"],
  ["an int32 of 5 bytes", bytesOf(0x05, 0x01, zeros(5)), "type 8 has size 5"],
  ["a uint64 of 9 bytes", bytesOf(0x09, 0x02, zeros(9)), "type 9 has size 9"],
  ["a uint128 of 17 bytes", bytesOf(0x11, 0x03, zeros(17)), "type 10 has size 17"],
  ["a boolean of 2", bytesOf(0x02, 0x07, zeros(2)), "type 14 has size 2"],
  ["a cache container", bytesOf(0x00, 0x05), "type 12 has size 0"],
  ["an end marker", bytesOf(0x00, 0x06), "type 13 has size 0"],
  ["an extended type below 8", bytesOf(0x00, 0x00), "unknown type 7"],
  ["an extended type above 15", bytesOf(0x00, 0x09), "unknown type 16"],
  ["an extended type of 255", bytesOf(0x00, 0xff), "unknown type 262"],
  ["a map that claims 16 million entries", bytesOf(0xff, [255, 255, 255]), "section ends"],
  ["an array that claims 16 million items", bytesOf(0x1f, 0x04, [255, 255, 255]), "section ends"],
  ["an array that is cut off", bytesOf(0x03, 0x04, 0x40, 0x40), "section ends"],
  ["a map without its last value", bytesOf(0xe1, 0x41, 97), "section ends"],
  ["a map whose key is a number", bytesOf(0xe1, 0xa1, 97, 0x40), "map key is not a text"],
  ["a map whose key leads to a map", bytesOf(0xe1, 0x20, 3, 0xe0), "map key is not a text"],
  ["a map whose key leads to a pointer", bytesOf(0xe1, 0x20, 3, 0x20, 0), "pointer leads to a pointer"],
  ["a text that ends inside a letter", bytesOf(0x42, [0x61, 0xc3]), "not valid UTF-8"],
  ["a text with a byte that starts nothing", bytesOf(0x42, [0xff, 0x61]), "not valid UTF-8"],
  ["a text with half a surrogate pair", bytesOf(0x43, [0xed, 0xa0, 0x80]), "not valid UTF-8"],
  ["a long text that is not UTF-8", bytesOf(0x5d, 71, zeros(99), 0x80), "not valid UTF-8"],
  ["a key that is not UTF-8", bytesOf(0xe1, 0x41, 0xff, 0x40), "not valid UTF-8"],
  ["a map that holds itself", bytesOf(0xe1, [0x41, 97], 0x20, 0), "nested more than"],
  ["an array that holds itself twice", bytesOf(0x02, 0x04, [0x20, 0], [0x20, 0]), "nested more than"],
  ["deep nesting", nested(MAX_RECORD_DEPTH), "nested more than"],
  ["very deep nesting", nested(100_000), "nested more than"],
];

for (const [label, section, state, offset] of DAMAGES) {
  Deno.test(`MmdbDecoder refuses ${label}`, () => {
    const decoder = new MmdbDecoder(section);
    assertThrows(() => decoder.decode(offset ?? 0), MmdbCorruptError, state);
    assertThrows(() => decoder.check(offset ?? 0), MmdbCorruptError, state);
    assertThrows(() => decoder.decode(offset ?? 0), MmdbCorruptError, state);
  });
}

Deno.test("MmdbDecoder.decode() reads nesting up to the limit", () => {
  let depth = 0;
  let value: MmdbValue | undefined = new MmdbDecoder(nested(MAX_RECORD_DEPTH - 1)).decode(0);
  for (; Array.isArray(value); value = value[0]) depth++;
  assertEquals([depth, value], [MAX_RECORD_DEPTH - 1, {}]);
});

Deno.test("MmdbDecoder.decode() bounds the values of a record that repeats its parts", () => {
  const allowed = exploding(5, bytesOf(0x41, 97));
  const value = new MmdbDecoder(allowed.section).decode(allowed.offset) as readonly unknown[];
  assertEquals(value.flat(Infinity).length, 4 ** 5);
  for (const levels of [6, 20, 31]) {
    const { section, offset } = exploding(levels, bytesOf(0x41, 97));
    assertThrows(
      () => new MmdbDecoder(section).decode(offset),
      MmdbCorruptError,
      `more than ${MAX_RECORD_VALUES} values`,
    );
  }
});

Deno.test("MmdbDecoder.decode() bounds the text of a record that repeats its parts", () => {
  const { section, offset } = exploding(5, bytesOf(0x5e, [8, 0], "x".repeat(2_333)));
  assertThrows(
    () => new MmdbDecoder(section).decode(offset),
    MmdbCorruptError,
    `more than ${MAX_RECORD_BYTES} bytes`,
  );
});

Deno.test("MmdbDecoder.check() counts what is repeated as often as decode() does", () => {
  const parts = { few: exploding(5, bytesOf(0x41, 97)), many: exploding(31, bytesOf(0x41, 97)) };
  new MmdbDecoder(parts.few.section).check(parts.few.offset);
  const many = new MmdbDecoder(parts.many.section);
  const long = exploding(5, bytesOf(0x5e, [8, 0], "x".repeat(2_333)));
  for (let time = 0; time < 2; time++) {
    assertThrows(() => many.check(parts.many.offset), MmdbCorruptError, "values");
    assertThrows(() => new MmdbDecoder(long.section).check(long.offset), MmdbCorruptError, "bytes of text");
  }
});

Deno.test("MmdbDecoder.check() refuses a known value where it is nested too deep", () => {
  // A chain of lists that a second chain reaches through a pointer: sound alone, too deep together.
  const chain = nested(20);
  const far = bytesOf(...Array.from({ length: 20 }, () => [0x01, 0x04]), [0x20, 0]);
  const decoder = new MmdbDecoder(bytesOf([...chain], [0x01, 0x04, 0x20, 0], [...far]));
  assertEquals(decoder.check(chain.length).isMap, false);
  assertThrows(() => decoder.check(chain.length + 4), MmdbCorruptError, "nested more than");
  assertThrows(() => decoder.decode(chain.length + 4), MmdbCorruptError, "nested more than");
});

Deno.test("MmdbDecoder.decode() tells overlapping texts apart", () => {
  // Two texts whose bytes begin at the same place: "b" and, read from another control byte, "bcd".
  const section = bytesOf(0x5d, 0x43, "bcd", "e".repeat(100));
  const decoder = new MmdbDecoder(section);
  assertEquals([decoder.decode(1), (decoder.decode(0) as string).length], ["bcd", 96]);
});

Deno.test("MmdbDecoder.decode() does not let a key change the prototype", () => {
  const section = bytesOf(0xe1, 0x49, "__proto__", 0xe1, [0x41, 97], 0xa1, 1);
  const map = new MmdbDecoder(section).decode(0) as object;
  assertEquals(Object.getPrototypeOf(map), Object.prototype);
  assertEquals(Object.entries(map), [["__proto__", { a: 1 }]]);
});

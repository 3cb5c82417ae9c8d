import { assertEquals, assertThrows } from "@std/assert";
import { buildEdition, FakeRandom } from "@ipcascade/testkit";
import fc from "fast-check";
import { ASN_FIELDS } from "./asn.ts";
import { CITY_FIELDS } from "./city.ts";
import type { MmdbField } from "./field.ts";
import { openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MAX_RECORD_DEPTH, MAX_RECORD_VALUES } from "./mmdb_cursor.ts";
import { MmdbDecoder } from "./mmdb_decoder.ts";
import type { MmdbPath } from "./mmdb_value.ts";
import { fieldsOf } from "./_test_fields.ts";
import { bytesOf, nested } from "./_test_section.ts";

// {country: {iso_code: "DE", names: {en: "Germany", de: …}}, city: …}, of which `de` and `city` are not wanted.
const PATHS: readonly MmdbPath[] = [["country", "iso_code"], ["country", "names", "en"]];

function recordWith(unwanted: Uint8Array): Uint8Array {
  return bytesOf(
    [0xe2, 0x47],
    "country",
    [0xe2, 0x48],
    "iso_code",
    [0x42],
    "DE",
    [0x45],
    "names",
    [0xe2, 0x42],
    "de",
    [...unwanted],
    [0x42],
    "en",
    [0x47],
    "Germany",
    [0x44],
    "city",
    [...unwanted],
  );
}

Deno.test("MmdbFieldReader.read() reads what paths lead to, in their order", () => {
  const section = recordWith(bytesOf(0xe1, [0x41, 97], 0x02, 0x04, 0x43, "abc", 0xa1, 5));
  const decoder = new MmdbDecoder(section);
  assertEquals(decoder.openFields(PATHS).read(0), ["DE", "Germany"]);
  assertEquals(decoder.openFields(PATHS.toReversed()).read(0), ["Germany", "DE"]);
  assertEquals(decoder.openFields([]).read(0), []);
  assertEquals(decoder.openFields([["city"], ["country", "names", "fr"]]).read(0), [
    { a: ["abc", 5] },
    undefined,
  ]);
});

const UNWANTED_DAMAGES: readonly (readonly [label: string, unwanted: Uint8Array, state: string])[] = [
  ["text that is not UTF-8", bytesOf(0x42, [0xc3, 0x28]), "not valid UTF-8"],
  ["a key that is not UTF-8", bytesOf(0xe1, 0x42, [0xc3, 0x28], 0x40), "not valid UTF-8"],
  ["a pointer to the record itself", bytesOf(0x20, 0), "nested more than"],
  ["a pointer out of the section", bytesOf(0x3f, [1, 0, 0, 0]), "outside the section"],
  ["deep nesting", nested(5_000), "nested more than"],
  ["an unknown type", bytesOf(0x00, 0x20), "unknown type"],
];

for (const [label, unwanted, state] of UNWANTED_DAMAGES) {
  Deno.test(`MmdbFieldReader.read() refuses ${label} where nothing is wanted`, () => {
    const fields = new MmdbDecoder(recordWith(unwanted)).openFields(PATHS);
    for (let time = 0; time < 2; time++) assertThrows(() => fields.read(0), MmdbCorruptError, state);
  });
}

Deno.test("MmdbFieldReader.read() gives of a shared map what each path wants, however often it comes", () => {
  // Two pointers to one map; each of them is asked for something else.
  const map = bytesOf(0xe2, [0x41, 97, 0xa1, 1], [0x41, 98, 0xa1, 2]);
  const record = bytesOf(0xe2, [0x41, 120], 0x20, 0, [0x41, 121], 0x20, 0);
  const decoder = new MmdbDecoder(Uint8Array.of(...map, ...record));
  const fields = decoder.openFields([["x", "a"], ["y", "b"], ["y", "c"]]);
  for (let time = 0; time < 4; time++) assertEquals(fields.read(map.length), [1, 2, undefined]);
});

Deno.test("MmdbFieldReader.read() counts a shared map for each record that has it, whatever was read before", () => {
  const entries = 1_100;
  const map = bytesOf(0xfe, [(entries - 285) >> 8, (entries - 285) & 255], "AaAb".repeat(entries));
  const once = bytesOf(0xe1, [0x41, 120], 0x20, 0);
  const twice = bytesOf(0xe2, [0x41, 120], 0x20, 0, [0x41, 121], 0x20, 0);
  const section = Uint8Array.of(...map, ...once, ...twice);
  const paths = [["x", "a"], ["y", "a"]];
  const [first, second] = [map.length, map.length + once.length];
  const fields = new MmdbDecoder(section).openFields(paths);
  const state = `more than ${MAX_RECORD_VALUES} values`;
  for (let time = 0; time < 4; time++) {
    assertEquals(fields.read(first), ["b", undefined]);
    assertThrows(() => fields.read(second), MmdbCorruptError, state);
  }
  assertThrows(() => new MmdbDecoder(section).openFields(paths).read(second), MmdbCorruptError, state);
});

Deno.test("MmdbFieldReader.read() takes the last of two entries with one key, all of it", () => {
  const both = bytesOf(0xe2, [0x41, 97, 0xa1, 1], [0x41, 98, 0xa1, 2]);
  const one = bytesOf(0xe1, [0x41, 98, 0xa1, 3]);
  for (const last of [one, bytesOf(0x43, "abc"), bytesOf(0xe0)]) {
    const section = bytesOf(0xe2, [0x41, 120, ...both], [0x41, 120, ...last]);
    const decoder = new MmdbDecoder(section);
    const paths = [["x", "a"], ["x", "b"]];
    assertEquals(decoder.openFields(paths).read(0), fieldsOf(decoder.decode(0), paths));
  }
});

Deno.test("MmdbFieldReader.read() tells keys apart whose texts start at one place", () => {
  // A key of 94 bytes; its size byte, read as control byte of a text, says one byte.
  const long = `b${"c".repeat(93)}`;
  const section = bytesOf([0x5d, 0x41], long, 0xe2, [0x20, 1, 0xa1, 1], [0x20, 0, 0xa1, 2]);
  const fields = new MmdbDecoder(section).openFields([["b"], [long]]);
  for (let time = 0; time < 2; time++) assertEquals(fields.read(96), [1, 2]);
});

Deno.test("MmdbFieldReader.read() counts the text of a shared map for each that has it", () => {
  const size = 400_000;
  const extra = size - 65_821;
  const text = bytesOf([0x5f, extra >> 16, (extra >> 8) & 255, extra & 255], "x".repeat(size));
  const map = bytesOf(0xe2, [0x41, 97, 0xa1, 1], [0x41, 98, ...text]);
  const record = (count: number) =>
    bytesOf(0xe0 | count, ...["x", "y", "z"].slice(0, count).flatMap((key) => [0x41, key, [0x20, 0]]));
  const [two, three] = [record(2), record(3)];
  const fields = new MmdbDecoder(Uint8Array.from([...map, ...two, ...three]))
    .openFields([["x", "a"], ["y", "a"], ["z", "a"]]);
  for (let time = 0; time < 4; time++) {
    assertEquals(fields.read(map.length), [1, 1, undefined]);
    assertThrows(() => fields.read(map.length + two.length), MmdbCorruptError, "bytes of text");
  }
});

const DEEP = [["w"], ["m", "a"]];
const DEEP_PLACES: Readonly<Record<string, (chain: Uint8Array) => Uint8Array>> = {
  "in what is not wanted": (chain) => bytesOf(0xe1, 0x41, "u", [...chain]),
  "in what is wanted": (chain) => bytesOf(0xe1, 0x41, "w", [...chain]),
  "beside what is wanted of a map": (chain) => bytesOf(0xe1, 0x41, "m", 0xe1, 0x41, "u", [...chain]),
  "in place of a map": (chain) => bytesOf(0xe1, 0x41, "m", [...chain]),
};

for (const [label, place] of Object.entries(DEEP_PLACES)) {
  Deno.test(`MmdbFieldReader.read() allows as many levels as the decoder ${label}`, () => {
    const outcomes = Array.from({ length: 10 }, (_, index) => {
      const decoder = new MmdbDecoder(place(nested(25 + index)));
      const expected = outcomeOf(() => fieldsOf(decoder.decode(0), DEEP));
      assertEquals(outcomeOf<readonly MmdbField[]>(() => decoder.openFields(DEEP).read(0)), expected);
      return expected;
    });
    assertEquals([outcomes[0] === "corrupt", outcomes.at(-1)], [false, "corrupt"]);
  });
}

Deno.test("MmdbFieldReader.read() follows a path as deep as a record may be", () => {
  for (let levels = 29; levels <= 34; levels++) {
    const decoder = new MmdbDecoder(
      bytesOf(...Array.from({ length: levels }, () => [0xe1, 0x41, 97]), 0xa1, 1),
    );
    const paths = [new Array<string>(levels).fill("a")];
    const expected = outcomeOf(() => fieldsOf(decoder.decode(0), paths));
    assertEquals(outcomeOf<readonly MmdbField[]>(() => decoder.openFields(paths).read(0)), expected);
    assertEquals(expected === "corrupt", levels > MAX_RECORD_DEPTH);
  }
});

Deno.test("MmdbDecoder.openFields() refuses paths of which one begins with another, or that are empty", () => {
  const decoder = new MmdbDecoder(bytesOf(0xe0));
  const refused: readonly (readonly MmdbPath[])[] = [
    [[]],
    [["a"], ["a"]],
    [["a"], ["a", "b"]],
    [["a", "b"], ["a"]],
  ];
  for (const paths of refused) {
    assertThrows(() => decoder.openFields(paths), TypeError, "no path may be empty or begin with another");
  }
});

/** What reading comes to: a value, or that it is refused. */
function outcomeOf<Value>(read: () => Value): Value | "corrupt" {
  try {
    return read();
  } catch (error) {
    if (error instanceof MmdbCorruptError) return "corrupt";
    throw error;
  }
}

const EDITIONS = [["GeoLite2-City", CITY_FIELDS], ["GeoLite2-ASN", ASN_FIELDS]] as const;

for (const [id, paths] of EDITIONS) {
  Deno.test(`MmdbFieldReader.read() reads damaged records of ${id} as the decoder does, or refuses them as it does`, () => {
    const sound = openMmdb(buildEdition(id));
    const start = sound.dataStart;
    const data = buildEdition(id).subarray(start, start + sound.dataBytes);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(0x7fffffff), fc.nat(12), (seed, flips) => {
        const random = new FakeRandom(seed);
        const section = data.slice();
        for (let i = 0; i < flips; i++) section[random.below(section.length)]! ^= 1 << random.below(8);
        const fields = new MmdbDecoder(section).openFields(paths);
        for (let i = 0; i < 200; i++) {
          const offset = random.below(section.length);
          const expected = outcomeOf(() => fieldsOf(new MmdbDecoder(section).decode(offset), paths));
          const actual = outcomeOf<readonly MmdbField[]>(() => fields.read(offset));
          assertEquals(actual, expected, `seed ${seed}, offset ${offset}`);
          if (expected === "corrupt") refused++;
        }
      }),
      { numRuns: 40 },
    );
    assertEquals(refused > 0, true);
  });
}

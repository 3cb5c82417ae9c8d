import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseMicroseconds, readCowrieLine } from "./cowrie.ts";
import { CowrieByteReader } from "./cowrie_byte_reader.ts";
import { InstantReader } from "./instant_reader.ts";
import { skipValue, UNSURE } from "./json_bytes.ts";
import { TextCache } from "./text_cache.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** Bytes in the middle of others, so that reading beyond either end shows. */
function viewOf(bytes: Uint8Array): DataView {
  const room = new Uint8Array(bytes.length + 32).fill(0x22);
  room.set(bytes, 16);
  return new DataView(room.buffer, 16, bytes.length);
}

// One for all cases: what it remembers of one line must not show in the next.
const READER = new CowrieByteReader();

/** Reads a line both ways; what is taken from its bytes is what is taken from its text. Tells whether it was. */
function readBoth(bytes: Uint8Array): boolean {
  const fromBytes = READER.read(viewOf(bytes), 0);
  if (fromBytes === null) return false;
  const end = bytes.indexOf(10) < 0 ? bytes.length : bytes.indexOf(10) + 1;
  assertEquals(READER.end, end);
  const slow = readCowrieLine(decode(bytes.subarray(0, end)));
  if (JSON.stringify(slow) !== JSON.stringify(fromBytes)) assertEquals(fromBytes, slow, decode(bytes));
  return true;
}

const EVENT = {
  eventid: "cowrie.session.closed",
  session: "a1b2c3d4e5f6",
  timestamp: "2026-11-20T12:34:56.789012Z",
  src_ip: "192.0.2.7",
  duration: 12.5,
  message: "x",
};

const TEXTS = [
  ...["cowrie.session.closed", "cowrie.login.failed", "a", "", "abc", "abcd", "e".repeat(64), "e".repeat(65)],
  ...["2026-11-20T12:34:56Z", "2026-11-20 12:34:56,5", "1970-02-30T00:00:00Z", "2026-11-20T12:34:56+02:00"],
  ...["12.5", "-1", " ", "NaN", "é", "\u007f", "\n", '"', "\ud800", "192.0.2.7", "::ffff:192.0.2.7"],
];
const VALUE = fc.oneof(
  fc.constantFrom<unknown>(...TEXTS, 12.5, -0, 1e300, null, true, [], {}),
  fc.jsonValue(),
);
const OTHER_KEY = fc.oneof(fc.constantFrom("__proto__", "eventid ", "sess", "message"), fc.string());

type Field = readonly [key: string, value: unknown];

/** A field as logs have it; now and then with another value, twice, or not at all. */
function fieldOf([key, usual]: Field): fc.Arbitrary<readonly Field[]> {
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant<readonly Field[]>([[key, usual]]) },
    { weight: 4, arbitrary: VALUE.map((value): readonly Field[] => [[key, value]]) },
    { weight: 1, arbitrary: VALUE.map((value): readonly Field[] => [[key, value], [key, usual]]) },
    { weight: 1, arbitrary: fc.constant<readonly Field[]>([]) },
  );
}

/** JSON objects of likely fields in any order, spelled tightly or loosely, and what ends their line. */
const OBJECT = fc.tuple(
  fc.tuple(...Object.entries(EVENT).map(fieldOf)).map((fields) => fields.flat()),
  fc.array(fc.tuple(OTHER_KEY, VALUE), { maxLength: 3 }),
  fc.constantFrom(0, 0, 0, 1, 3, 5),
  fc.constantFrom(",", ",", ",", ", ", " ,", ",\t"),
  fc.constantFrom(":", ":", ":", ": ", " :"),
  fc.constantFrom("", "\n", "\n", "\r\n", " \n", "\r", "\nnext"),
).map(([usual, others, turn, comma, colon, end]) => {
  const fields = [...usual.slice(turn), ...others, ...usual.slice(0, turn)];
  const spelled = fields.map(([key, value]) => `${JSON.stringify(key)}${colon}${JSON.stringify(value)}`);
  return `{${spelled.join(comma)}}${end}`;
});

Deno.test("CowrieByteReader takes from bytes what readCowrieLine() takes from their text", () => {
  let taken = 0;
  fc.assert(
    fc.property(OBJECT, (text) => {
      if (readBoth(encode(text))) taken++;
    }),
    { numRuns: 3_000 },
  );
  assert(taken > 300, `${taken} lines were taken`);
});

/** Bytes that mean something to JSON, to UTF-8 or to lines. */
const BYTE = fc.oneof(
  fc.constantFrom(
    ...encode('"\\{}[]:,\n\r\t 019.-+eEuntf/T Z'),
    0,
    0x1f,
    0x7f,
    0x80,
    0xc3,
    0xff,
    0xef,
    0xbb,
    0xbf,
  ),
  fc.nat(255),
);
const MUTATION = fc.tuple(fc.nat(), BYTE, fc.constantFrom("change", "insert", "remove", "cut"));

function mutate(bytes: Uint8Array, [place, byte, kind]: readonly [number, number, string]): Uint8Array {
  const at = place % (bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (kind === "cut") return head;
  const middle = kind === "remove" ? [] : [byte];
  return new Uint8Array([...head, ...middle, ...(kind === "insert" ? tail : tail.subarray(1))]);
}

Deno.test("CowrieByteReader takes nothing from damaged bytes that readCowrieLine() would not", () => {
  let taken = 0;
  fc.assert(
    fc.property(OBJECT, fc.array(MUTATION, { minLength: 1, maxLength: 3 }), (text, mutations) => {
      if (readBoth(mutations.reduce(mutate, encode(text)))) taken++;
    }),
    { numRuns: 9_000 },
  );
  assert(taken > 100, `${taken} lines were taken`);
});

Deno.test("CowrieByteReader takes the lines that logs are made of, and is unsure of odd ones", () => {
  const line = JSON.stringify(EVENT);
  const cases: readonly (readonly [label: string, line: string, isTaken: boolean])[] = [
    ["plain", line, true],
    ["line feed", `${line}\n`, true],
    ["carriage return", `${line}\r\n`, true],
    ["blanks of json.dumps()", line.replaceAll(",", ", ").replaceAll('":', '": '), true],
    ["duration as text", line.replace("12.5", '"12.5"'), true],
    ["escapes elsewhere", line.replace('"x"', String.raw`"\"\\\/\b\f\n\r\t\u00e9\ud800"`), true],
    ["escapes in a key elsewhere", line.replace('"message"', String.raw`"mess\u0061ge"`), false],
    ["other letters elsewhere", line.replace('"x"', '"пароль 😀"'), true],
    ["nested", line.replace('"x"', '[{"session":"b","x":[]},{},[[1,-0.5e+3,true,false,null]]]'), true],
    ["instant of another zone", line.replace("12Z", "12+02:00"), true],
    ["key with an escape", line.replace("eventid", String.raw`\u0065ventid`), false],
    ["value with an escape", line.replace("a1b2", String.raw`\u00611b2`), false],
    ["key twice", line.replace('"x"', '"x","session":"b"'), false],
    ["no session", line.replace('"session"', '"sessions"'), false],
    ["control character", line.replace('"x"', '"\t"'), false],
    ["number with a leading zero", line.replace("12.5", "012.5"), false],
    ["deep", line.replace('"x"', `${"[".repeat(99)}${"]".repeat(99)}`), false],
    ["two objects", `${line}${line}`, false],
    ["half an escape elsewhere", line.replace('"x"', String.raw`"\u123g"`), false],
    ["half a number", line.replace("12.5", "12."), false],
  ];
  for (const [label, text, isTaken] of cases) assertEquals(readBoth(encode(text)), isTaken, label);
});

Deno.test("CowrieByteReader remembers more sessions than it has room for", () => {
  for (let index = 0; index < 20_000; index++) {
    const session = (index % 9_000).toString(16).padStart(12, "0");
    const event = READER.read(viewOf(encode(JSON.stringify({ ...EVENT, session }))), 0);
    if (event?.sessionId !== session) assertEquals(event?.sessionId, session);
  }
});

Deno.test("TextCache gives each text its own, also where all fall on one place", () => {
  const cache = new TextCache(0);
  for (const text of ["abcdefgh", "abcd", "abcde", "abcdefgi", "abxxefgi", "abc", "", "a".repeat(64)]) {
    for (let time = 0; time < 2; time++) {
      assertEquals(cache.get(viewOf(encode(`_${text}_`)), 1, 1 + text.length), text);
    }
  }
  for (const text of ["a".repeat(65), "abcdé", "abcd\u007f", "ab\tcd"]) {
    assertEquals(cache.get(viewOf(encode(text)), 0, encode(text).length), null);
  }
});

Deno.test("skipValue() passes over what JSON.parse() takes, and over nothing else", () => {
  const text = fc.oneof(
    fc.json(),
    fc.string({ unit: fc.constantFrom(...'[]{}",:0.1e-+ntrufals \\"'), maxLength: 12 }),
  );
  fc.assert(
    fc.property(text, fc.array(MUTATION, { maxLength: 1 }), (text, mutations) => {
      const bytes = mutations.reduce(mutate, encode(text));
      if (skipValue(viewOf(bytes), 0) === bytes.length) JSON.parse(decode(bytes));
    }),
    { numRuns: 3_000 },
  );
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => {
    assertEquals(skipValue(viewOf(encode(text)), 0), encode(text).length, text);
  }));
  for (const text of ["", '"', '"\\', '"\\u00', "tru", "fals", "-", "1.", "1e", "[", "[1", '{"a"', "[1,]"]) {
    assertEquals(skipValue(viewOf(encode(text)), 0), UNSURE, text);
  }
});

Deno.test("InstantReader remembers no date before it has read one", () => {
  for (const byte of [0, 0xff]) {
    const bytes = new TextEncoder().encode("2026-11-20T12:34:56.789012Z").fill(byte, 0, 10);
    assertEquals(new InstantReader().read(new DataView(bytes.buffer), 0, bytes.length), null);
  }
});

Deno.test("InstantReader reads what parseMicroseconds() reads", () => {
  const reader = new InstantReader();
  const pair = fc.oneof(fc.integer({ min: 0, max: 24 }), fc.nat(99)).map((value) =>
    `${value}`.padStart(2, "0")
  );
  const text = fc.tuple(
    fc.constantFrom(
      "2026-11-20",
      "2026-11-21",
      "1969-12-31",
      "2024-02-30",
      "9999-12-31",
      "0000-01-01",
      "20x6-11-20",
    ),
    fc.constantFrom("T", "t", " ", "_"),
    fc.tuple(pair, pair, pair),
    fc.constantFrom(":", ":", ":", "."),
    fc.constantFrom(
      "",
      ".",
      ".1",
      ",12",
      ".123",
      ".1234",
      ".12345",
      ".123456",
      ".1234567",
      ".123456789",
      ".1234567890",
      ".x",
    ),
    fc.constantFrom("Z", "z", "", "+02:00", "-0530", "+24:00", "ZZ", "é"),
  ).map(([date, between, time, colon, fraction, zone]) =>
    `${date}${between}${time.join(colon)}${fraction}${zone}`
  );
  fc.assert(
    fc.property(text, (text) => {
      const view = viewOf(encode(text));
      const expected = text.length > 64 ? null : parseMicroseconds(text);
      if (!Object.is(reader.read(view, 0, view.byteLength), expected)) {
        assertEquals(reader.read(view, 0, view.byteLength), expected, text);
      }
    }),
    { numRuns: 2_000 },
  );
});

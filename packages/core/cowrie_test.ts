import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { parseMicroseconds, readCowrieLine } from "./cowrie.ts";

const CONNECT = {
  eventid: "cowrie.session.connect",
  src_ip: "192.0.2.7",
  src_port: 52_304,
  session: "a1b2c3d4e5f6",
  protocol: "ssh",
  timestamp: "2026-11-20T12:34:56.789012Z",
  sensor: "pot1",
};
const CONNECT_AT_US = Date.UTC(2026, 10, 20, 12, 34, 56) * 1000 + 789_012;

function read(fields: Readonly<Record<string, unknown>>) {
  return readCowrieLine(JSON.stringify({ ...CONNECT, ...fields }));
}

/** The problem of a line; null for an event. */
function problemOf(line: string): string | null {
  const result = readCowrieLine(line);
  return "problem" in result ? result.problem : null;
}

Deno.test("readCowrieLine() reads an event whatever the order of its keys", () => {
  const expected = {
    sessionId: "a1b2c3d4e5f6",
    eventId: "cowrie.session.connect",
    atUs: CONNECT_AT_US,
    sourceIp: "192.0.2.7",
    durationMs: null,
  };
  fc.assert(fc.property(fc.shuffledSubarray(Object.entries(CONNECT), { minLength: 7 }), (entries) => {
    assertEquals(readCowrieLine(JSON.stringify(Object.fromEntries(entries))), expected);
  }));
  assertEquals(readCowrieLine(`  ${JSON.stringify(CONNECT)}\r\n`), expected);
});

Deno.test("readCowrieLine() takes the duration of old and new versions", () => {
  const cases: readonly (readonly [label: string, duration: unknown, durationMs: number | null])[] = [
    ["number of old versions", 12.5, 12_500],
    ["text of new versions", "12.5", 12_500],
    ["text with many digits", "3.8146973e-06", 0],
    ["microseconds", "62.183742", 62_184],
    ["nought", 0, 0],
    ["text of nought", "0.0", 0],
    ["a month", "2592000", 2_592_000_000],
    ["missing", undefined, null],
    ["null", null, null],
    ["empty", "", null],
    ["blank", " ", null],
    ["word", "long", null],
    ["negative", -1, null],
    ["negative text", "-0.5", null],
    ["not a number", "NaN", null],
    ["endless", "Infinity", null],
    ["beyond a column", 1e300, null],
    ["more than a century", 3.2e9, null],
    ["list", [1], null],
    ["object", {}, null],
    ["boolean", true, null],
  ];
  for (const [label, duration, durationMs] of cases) {
    const event = read({ eventid: "cowrie.session.closed", duration });
    assertEquals("durationMs" in event ? event.durationMs : event.problem, durationMs, label);
  }
});

Deno.test("readCowrieLine() takes a duration from the end of a session only", () => {
  const event = read({ eventid: "cowrie.log.closed", duration: 12.5 });
  assertEquals("durationMs" in event ? event.durationMs : event.problem, null);
});

Deno.test("readCowrieLine() takes an event without a source address", () => {
  for (const src_ip of [undefined, null, 7, ["192.0.2.7"], {}]) {
    const event = read({ eventid: "cowrie.command.input", src_ip });
    assertEquals("sourceIp" in event ? event.sourceIp : event.problem, null);
  }
  const odd = read({ src_ip: "no address" });
  assertEquals("sourceIp" in odd ? odd.sourceIp : odd.problem, "no address");
});

Deno.test("readCowrieLine() says what keeps a line from being an event", () => {
  const noSession = 'it has no "session" of 1 to 64 printable characters';
  const noTime = 'it has no RFC 3339 "timestamp"';
  const cases: readonly (readonly [label: string, line: string, problem: string | null])[] = [
    ["empty", "", "it is not JSON"],
    ["text", "2026-11-20 connect", "it is not JSON"],
    ["cut", JSON.stringify(CONNECT).slice(0, -1), "it is not JSON"],
    ["two events", `${JSON.stringify(CONNECT)}${JSON.stringify(CONNECT)}`, "it is not JSON"],
    ["NULs of a lost disk page", "\0".repeat(512), "it is not JSON"],
    ["list", JSON.stringify([CONNECT]), "it is not a JSON object"],
    ["null", "null", "it is not a JSON object"],
    ["number", "7", "it is not a JSON object"],
    ["quoted", '"cowrie.session.connect"', "it is not a JSON object"],
    ["no fields", "{}", 'it has no text "eventid"'],
    ["number as event", JSON.stringify({ ...CONNECT, eventid: 7 }), 'it has no text "eventid"'],
    ["list as event", JSON.stringify({ ...CONNECT, eventid: ["a"] }), 'it has no text "eventid"'],
    ["no session", JSON.stringify({ ...CONNECT, session: undefined }), noSession],
    ["empty session", JSON.stringify({ ...CONNECT, session: "" }), noSession],
    ["number as session", JSON.stringify({ ...CONNECT, session: 7 }), noSession],
    ["session of one", JSON.stringify({ ...CONNECT, session: "a" }), null],
    ["session of 64", JSON.stringify({ ...CONNECT, session: "a".repeat(64) }), null],
    ["session of 65", JSON.stringify({ ...CONNECT, session: "a".repeat(65) }), noSession],
    ["huge session", JSON.stringify({ ...CONNECT, session: "a".repeat(1_000_000) }), noSession],
    ["session with NUL", JSON.stringify({ ...CONNECT, session: "a\0b" }), noSession],
    ["session with line break", JSON.stringify({ ...CONNECT, session: "ab\n" }), noSession],
    ["session with half a pair", JSON.stringify({ ...CONNECT, session: "a\ud800" }), noSession],
    ["no time", JSON.stringify({ ...CONNECT, timestamp: undefined }), noTime],
    ["number as time", JSON.stringify({ ...CONNECT, timestamp: 1_700_000_000 }), noTime],
    ["word as time", JSON.stringify({ ...CONNECT, timestamp: "yesterday" }), noTime],
  ];
  for (const [label, line, problem] of cases) assertEquals(problemOf(line), problem, label);
});

Deno.test("readCowrieLine() takes fields from the line alone, not from a prototype", () => {
  const inner = JSON.stringify(CONNECT);
  assertEquals(problemOf(`{"__proto__": ${inner}}`), 'it has no text "eventid"');
  assertEquals(problemOf(`{"constructor": {"prototype": ${inner}}}`), 'it has no text "eventid"');
  assertEquals(problemOf(`{"__proto__": {"session": "x"}, ${inner.slice(1)}`), null);
  assertStrictEquals(({} as Record<string, unknown>)["eventid"], undefined);
});

Deno.test("readCowrieLine() never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
    readCowrieLine(line);
  }));
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("1", "2026-11-20T12:34:56Z", "cowrie.session.closed"),
  );
  const fields = fc.record({
    eventid: value,
    session: value,
    timestamp: value,
    src_ip: value,
    duration: value,
  });
  fc.assert(fc.property(fields, (candidate) => {
    readCowrieLine(JSON.stringify(candidate));
  }));
});

Deno.test("parseMicroseconds() reads every spelling of an instant", () => {
  const noonUs = Date.UTC(2026, 10, 20, 12) * 1000;
  const cases: readonly (readonly [text: string, atUs: number])[] = [
    ["2026-11-20T12:00:00Z", noonUs],
    ["2026-11-20t12:00:00z", noonUs],
    ["2026-11-20 12:00:00Z", noonUs],
    ["2026-11-20T12:00:00", noonUs],
    ["2026-11-20T12:00:00.5", noonUs + 500_000],
    ["2026-11-20T12:00:00.000001Z", noonUs + 1],
    ["2026-11-20T12:00:00.123Z", noonUs + 123_000],
    ["2026-11-20T12:00:00.123456Z", noonUs + 123_456],
    ["2026-11-20T12:00:00,123456Z", noonUs + 123_456],
    ["2026-11-20T12:00:00.123456789Z", noonUs + 123_456],
    ["2026-11-20T12:00:00.999999999Z", noonUs + 999_999],
    ["2026-11-20T14:00:00+02:00", noonUs],
    ["2026-11-20T14:00:00+0200", noonUs],
    ["2026-11-20T06:30:00-05:30", noonUs],
    ["2026-11-21T02:00:00.25+14:00", noonUs + 250_000],
    ["2026-11-20T12:00:00-00:00", noonUs],
    ["2026-11-21T11:59:00+23:59", noonUs],
    ["1970-01-01T00:00:00Z", 0],
    ["1969-12-31T23:59:59.999999Z", -1],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29) * 1000],
    ["2026-12-31T23:59:59+00:00", Date.UTC(2026, 11, 31, 23, 59, 59) * 1000],
  ];
  for (const [text, atUs] of cases) assertStrictEquals(parseMicroseconds(text), atUs, text);
});

Deno.test("parseMicroseconds() refuses what is no instant", () => {
  const cases = [
    "",
    "2026-11-20",
    "2026-11-20T12:00Z",
    "2026-11-20T12:00:00.Z",
    "2026-11-20T12:00:00.1234567890Z",
    "2026-11-20T12:00:00+2",
    "2026-11-20T12:00:00+02",
    "2026-11-20T12:00:00 UTC",
    " 2026-11-20T12:00:00Z",
    "2026-11-20T12:00:00Z\n",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-11-00T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T25:00:00Z",
    "2026-11-20T12:60:00Z",
    "2026-11-20T12:00:60Z",
    "2026-11-20T12:00:00+24:00",
    "2026-11-20T12:00:00+02:60",
    "+002026-11-20T12:00:00Z",
    "20 Nov 2026 12:00:00",
    "1795348800",
  ];
  for (const text of cases) assertStrictEquals(parseMicroseconds(text), null, text);
});

Deno.test("parseMicroseconds() reads back what an instant is written as, in any zone", () => {
  const instantMs = fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2199, 0) });
  const zoneMinutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
  fc.assert(fc.property(instantMs, zoneMinutes, fc.nat({ max: 999 }), (ms, zone, microseconds) => {
    const local = new Date(ms + zone * 60_000).toISOString().slice(0, -1);
    const fraction = String(microseconds).padStart(3, "0");
    const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60];
    const offset = `${zone < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${
      String(minutes).padStart(2, "0")
    }`;
    assertStrictEquals(parseMicroseconds(`${local}${fraction}${offset}`), ms * 1000 + microseconds);
  }));
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./settings_duration.ts";

Deno.test("parseDuration() reads Go's grammar", () => {
  const cases: readonly [string, number | null][] = [
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1.5s", 1_500],
    [".5h", 1_800_000],
    ["1.s", 1_000],
    ["+2s", 2_000],
    ["1500us", 2],
    ["3000000ns", 3],
    ["1m1m", 120_000],
    ["0", 0],
    ["0s", 0],
    ["30", null],
    ["", null],
    ["s", null],
    [".s", null],
    ["-5s", null],
    ["5 s", null],
    ["5S", null],
    ["5d", null],
    ["1e3s", null],
    ["9999999999h", null],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, text);
});

Deno.test("formatDuration() writes the shortest form", () => {
  const cases: readonly [number, string][] = [
    [0, "0s"],
    [500, "500ms"],
    [30_000, "30s"],
    [300_000, "5m"],
    [5_400_000, "1h30m"],
    [60_500, "1m500ms"],
    [90_061_001, "25h1m1s1ms"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});

Deno.test("parseDuration() reads back whatever formatDuration() writes", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 3_000_000_000_000 }), (ms) => {
    assertEquals(parseDuration(formatDuration(ms)), ms);
  }));
});

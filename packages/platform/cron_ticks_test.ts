import { assertEquals } from "@std/assert";
import { JOB_SCHEDULES } from "@ipcascade/core";
import { nextTick, previousTick } from "./cron_ticks.ts";

/** A Thursday. */
const AT = "2026-11-26T16:30:00.500Z";

const CASES: readonly [line: string, at: string, tick: string | null][] = [
  ["0 6 * * *", AT, "2026-11-26T06:00:00.000Z"],
  ["0 */4 * * *", AT, "2026-11-26T16:00:00.000Z"],
  ["0 2 * * SUN", AT, "2026-11-22T02:00:00.000Z"],
  ["0 9 1 * *", AT, "2026-11-01T09:00:00.000Z"],
  ["30 16 * * *", "2026-11-26T16:30:00.000Z", "2026-11-26T16:30:00.000Z"],
  ["30 16 * * *", "2026-11-26T16:29:59.998Z", "2026-11-25T16:30:00.000Z"],
  ["5/10 * * * *", AT, "2026-11-26T16:25:00.000Z"],
  ["*/7 1-5,9 * JAN,MAR MON-WED", AT, "2026-03-31T09:56:00.000Z"],
  ["0 0 13 * FRI", AT, "2026-11-20T00:00:00.000Z"],
  ["0 0 29 FEB *", AT, "2024-02-29T00:00:00.000Z"],
  ["0 0 30 FEB *", AT, null],
];

Deno.test("previousTick() gives the last tick in UTC at or before an instant", () => {
  for (const [line, at, tick] of CASES) {
    const found = previousTick(line, Date.parse(at));
    assertEquals(found === null ? null : new Date(found).toISOString(), tick, `${line} at ${at}`);
  }
});

Deno.test("previousTick() reads every default line", () => {
  for (const line of Object.values(JOB_SCHEDULES)) {
    if (line !== null) assertEquals(typeof previousTick(line, Date.parse(AT)), "number", line);
  }
});

Deno.test("nextTick() gives the first tick in UTC after an instant", () => {
  const cases: readonly [line: string, at: string, tick: string | null][] = [
    ["0 6 * * *", AT, "2026-11-27T06:00:00.000Z"],
    ["0 2 * * SUN", AT, "2026-11-29T02:00:00.000Z"],
    ["30 16 * * *", "2026-11-26T16:30:00.000Z", "2026-11-27T16:30:00.000Z"],
    ["30 16 * * *", "2026-11-26T16:29:59.998Z", "2026-11-26T16:30:00.000Z"],
    ["0 0 13 * FRI", AT, "2026-11-27T00:00:00.000Z"],
    ["0 0 29 FEB *", AT, "2028-02-29T00:00:00.000Z"],
    ["0 0 30 FEB *", AT, null],
  ];
  for (const [line, at, tick] of cases) {
    const found = nextTick(line, Date.parse(at));
    assertEquals(found === null ? null : new Date(found).toISOString(), tick, `${line} at ${at}`);
  }
});

import fc from "fast-check";
import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { nextTick } from "./cron_ticks.ts";
import { neverComes } from "./settings_cron_days.ts";
import { readSchedule } from "./settings_cron.ts";
import { JOB_NAMES, JOB_SCHEDULES } from "@ipcascade/core";
import { scheduleName } from "./settings_jobs.ts";

Deno.test("readSchedule() reads cron lines and off", () => {
  const cases: readonly [string, string | null][] = [
    ["0 */4 * * *", "0 */4 * * *"],
    ["0 2 * * sun", "0 2 * * SUN"],
    ["0,30 6-18/2 1 jan-mar MON-FRI", "0,30 6-18/2 1 JAN-MAR MON-FRI"],
    ["5  4   * * *", "5 4 * * *"],
    ["*/59 * * * *", "*/59 * * * *"],
    ["OFF", null],
  ];
  for (const [text, schedule] of cases) assertEquals(readSchedule(text), { ok: true, value: schedule }, text);
});

Deno.test("readSchedule() refuses what cron programs read differently or never run", () => {
  const cases: readonly [string, string][] = [
    ["*/240 * * * *", "the step of the minute is 1 to 59"],
    ["0 2 * * 0", "the weekday is SUN to SAT by name"],
    ["0 2 * * 1-5", "the weekday is SUN to SAT by name"],
    ["60 * * * *", "the minute is * or 0 to 59"],
    ["* 24 * * *", "the hour is * or 0 to 23"],
    ["* * 0 * *", "the day of month is * or 1 to 31"],
    ["* * * FOO *", "the month is * or 1 to 12"],
    ["5-1 * * * *", "the minute ends before it starts"],
    ["*/0 * * * *", "the step of the minute"],
    ["*/2/2 * * * *", "the minute has two steps"],
    ["1-2-3 * * * *", "the minute is"],
    [", * * * *", "the minute is"],
    ["0 0 */31 * *", "the step of the day of month is 1 to 30"],
    ["0 0 1 */12 *", "the step of the month is 1 to 11"],
    ["0 0 * * */7", "the step of the weekday is 1 to 6"],
    ["0 0 * * SUN-SUN", "the weekday ends where it starts"],
    ["0 2 31 2 *", "this never comes, as none of its months has such a day"],
    ["0 2 31 4,6,9,11 *", "this never comes"],
    ["@daily", "this has 1 field"],
    ["0 0 * * * *", "this has 6 fields"],
    ['"0 2 * * SUN"', "; the quotes are no part of it; did you mean 0 2 * * SUN?"],
    ["'off'", "; the quotes are no part of it; did you mean off?"],
    ['"0 2 * * 0"', "; the weekday is SUN to SAT by name, numbers"],
  ];
  for (const [text, reason] of cases) {
    const reading = readSchedule(text);
    assertFalse(reading.ok, text);
    if (!reading.ok) assertStringIncludes(reading.allowed, reason, text);
  }
});

/** What was read and the line that is suggested. */
const REPAIRS: readonly [text: string, line: string][] = [
  ["0 2 * * 0", "0 2 * * SUN"],
  ["0 2 * * 7", "0 2 * * SUN"],
  ["0 2 * * 1-5", "0 2 * * MON-FRI"],
  ["0 2 * * 0,6", "0 2 * * SUN,SAT"],
  ["0 2 * * 5-7", "0 2 * * FRI-SAT,SUN"],
  ["0 2 * * 0-7", "0 2 * * *"],
  ["0 2 * * MON-SUN", "0 2 * * *"],
  ["0 2 1 * MON-SUN", "0 2 1 * SUN-SAT"],
  ["H 2 * * *", "0 2 * * *"],
  ["H H * * H", "0 0 * * SUN"],
  ["H/15 * * * *", "*/15 * * * *"],
  ["*-*-* 01:00:00", "0 1 * * *"],
  ["Sun *-*-* 02:30:00 UTC", "30 2 * * SUN"],
  ["Mon..Fri 02:30", "30 2 * * MON-FRI"],
  ["*-*-01 09:00", "0 9 1 * *"],
  ["0 2 31 2 *", "off"],
  ['"off"', "off"],
  ["0 2 * * SAT-MON", "0 2 * * SAT,SUN-MON"],
  ["0 2 * * SUN-SUN", "0 2 * * SUN"],
  ["0 2 * * Sunday", "0 2 * * SUN"],
  ["0 2 * * Tues-Thurs", "0 2 * * TUE-THU"],
  ["0 2 1 January,Sept *", "0 2 1 JAN,SEP *"],
  ["0 2 1 1 0", "0 2 1 1 SUN"],
  ["*/60 * * * *", "0 * * * *"],
  ["*/240 * * * *", "0 */4 * * *"],
  ["*/1440 * * * *", "0 0 * * *"],
  ["5/240 * * * *", "5 */4 * * *"],
  ["0 */24 * * *", "0 0 * * *"],
  ["0 24 * * *", "0 0 * * *"],
  ["60 * * * *", "0 * * * *"],
  ["0 18-24 * * *", "0 18-23,0 * * *"],
  ["0 22-2 * * *", "0 22-23,0-2 * * *"],
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@weekly", "0 0 * * SUN"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@every 4h", "0 */4 * * *"],
  ["@every 15m", "*/15 * * * *"],
  ["02:30", "30 2 * * *"],
  ["0 0 2 * * SUN", "0 2 * * SUN"],
  ["0 0 2 ? * 1 *", "0 2 * * SUN"],
  ["0 2 ? * SUN *", "0 2 * * SUN"],
  ["0 2 ? * MON", "0 2 * * MON"],
  ['"0 2 * * SUN"', "0 2 * * SUN"],
  ["never", "off"],
];

Deno.test("readSchedule() suggests the whole line that was probably meant", () => {
  for (const [text, line] of REPAIRS) {
    const reading = readSchedule(text);
    assertFalse(reading.ok, text);
    if (!reading.ok) {
      assert(reading.allowed.endsWith(`; did you mean ${line}?`), `${text}: ${reading.allowed}`);
    }
    assertEquals(readSchedule(line), { ok: true, value: line === "off" ? null : line }, text);
  }
});

Deno.test("readSchedule() says so when no line means what was written", () => {
  const cases: readonly [string, string][] = [
    ["*/90 * * * *", "there is no line for exactly every 90 minutes"],
    ["0 */36 * * *", "there is no line for exactly every 36 hours"],
    ["@every 90m", "there is no line for exactly every 90 minutes"],
    ["*/10 * * * * *", "nothing starts more often than once a minute"],
    ["0 2 L * *", "there is no line for L, W or #"],
    ["0 2 * * FRI#2", "there is no line for L, W or #"],
    ["@reboot", "there is no line for the start of the machine"],
    ["0 2", "this has 2 fields"],
    [
      "CRON_TZ=UTC 0 2 * * SUN",
      "a time zone is no part of the line: its five fields are 0 2 * * SUN, in UTC",
    ],
    ["TZ=Europe/Berlin 0 2 * * 0", "its five fields are 0 2 * * SUN, in UTC"],
    ["0 2 * * SUN /bin/true", "a command is no part of the line: its five fields are 0 2 * * SUN, in UTC"],
    [
      "CRON_TZ=UTC 0 2 * * SUN root ls",
      "zone and command are no part of the line: its five fields are 0 2 * * SUN, in UTC",
    ],
    ["Sun *-*-01 02:00", "this has 3 fields"],
    ["0 0 32 * *", "the day of month is * or 1 to 31"],
    ["*/120 6 * * *", "the step of the minute is 1 to 59"],
  ];
  for (const [text, end] of cases) {
    const reading = readSchedule(text);
    assertFalse(reading.ok, text);
    if (!reading.ok) assert(reading.allowed.endsWith(end), `${text}: ${reading.allowed}`);
  }
});

Deno.test("trap 1: readSchedule() refuses */240, which is every hour to cron, and suggests every four hours", () => {
  const reading = readSchedule("*/240 * * * *");
  assertFalse(reading.ok);
  if (!reading.ok) assertStringIncludes(reading.allowed, "did you mean 0 */4 * * *?");
  const ticks = [
    nextTick("0 */4 * * *", Date.UTC(2026, 10, 29)),
    nextTick("0 */4 * * *", Date.UTC(2026, 10, 29, 4)),
  ];
  assertEquals(ticks, [Date.UTC(2026, 10, 29, 4), Date.UTC(2026, 10, 29, 8)]);
});

Deno.test("trap 2: readSchedule() takes weekdays by name only, whatever number is written", () => {
  for (const day of ["0", "1", "2", "3", "4", "5", "6", "7", "0-6", "MON-5", "1,SUN", "1/2"]) {
    assertFalse(readSchedule(`0 2 * * ${day}`).ok, day);
  }
});

Deno.test("readSchedule() suggests only lines that it takes itself, whatever was written", () => {
  const piece = fc.constantFrom(
    ...[
      "*",
      "?",
      "0",
      "1",
      "6",
      "7",
      "12",
      "24",
      "31",
      "60",
      "L",
      "W",
      "#",
      "-",
      "/",
      ",",
      "@",
      "every",
      "m",
      "h",
    ],
    ...["SUN", "Monday", "jan", "SEPT", "*/", "*/240", "daily", "off", '"', ":", "2", "15"],
  );
  const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
  const text = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join(" "));
  let suggestions = 0;
  fc.assert(
    fc.property(text, (line) => {
      const reading = readSchedule(line);
      if (reading.ok) return;
      const suggested = /did you mean (.+)\?$/.exec(reading.allowed)?.[1];
      if (suggested === undefined) return;
      suggestions += 1;
      assert(readSchedule(suggested).ok, `${line} → ${suggested}`);
    }),
    { numRuns: 3000 },
  );
  assert(suggestions > 0);
});

Deno.test("neverComes() agrees with the ticks that are foretold", () => {
  const day = fc.integer({ min: 1, max: 31 });
  const item = fc.oneof(
    day.map(String),
    fc.tuple(day, day).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.tuple(day, fc.integer({ min: 1, max: 30 })).map(([a, step]) => `${a}/${step}`),
    fc.constantFrom("*", "*/30", "30-31/2", "31", "30"),
  );
  const days = fc.array(item, { minLength: 1, maxLength: 2 }).map((items) => items.join(","));
  const months = fc.constantFrom(
    "*",
    "FEB",
    "2",
    "4,6",
    "APR-JUN/2",
    "2/12",
    "FEB/7",
    "1",
    "4-6/2,9,11",
    "*/5",
  );
  const weekdays = fc.constantFrom("*", "*", "*", "SUN", "*/1", "*,SUN");
  let never = 0;
  fc.assert(
    fc.property(days, months, weekdays, (dayPart, monthPart, weekdayPart) => {
      const parts = ["0", "0", dayPart, monthPart, weekdayPart];
      const isNever = neverComes(parts);
      never += Number(isNever);
      assertEquals(isNever, nextTick(parts.join(" "), 0) === null, parts.join(" "));
    }),
    { numRuns: 500 },
  );
  assert(never > 0);
});

Deno.test("JOB_SCHEDULES holds cron lines that readSchedule() accepts as they are", () => {
  for (const job of JOB_NAMES) {
    const schedule = JOB_SCHEDULES[job];
    if (schedule !== null) assertEquals(readSchedule(schedule), { ok: true, value: schedule }, job);
  }
  assert(JOB_NAMES.filter((job) => JOB_SCHEDULES[job] !== null).length <= 10);
});

Deno.test("scheduleName() writes a job as a setting", () => {
  assertEquals(scheduleName("back-up"), "SCHEDULE_BACK_UP");
  assertEquals(scheduleName("update-editions"), "SCHEDULE_UPDATE_EDITIONS");
});

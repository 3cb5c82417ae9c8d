import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
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
    ["@daily", "this has 1 fields"],
    ["0 0 * * * *", "this has 6 fields"],
  ];
  for (const [text, reason] of cases) {
    const reading = readSchedule(text);
    assertFalse(reading.ok, text);
    if (!reading.ok) assertStringIncludes(reading.allowed, reason, text);
  }
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

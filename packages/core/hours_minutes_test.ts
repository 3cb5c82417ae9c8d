import { assert, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import { formatHoursMinutes } from "./hours_minutes.ts";
import { quotaWindow } from "./quota.ts";

Deno.test("formatHoursMinutes() writes hours and minutes, begun minutes included", () => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [MS_PER_DAY, "24 h 0 min"],
    [MS_PER_DAY - 1, "24 h 0 min"],
    [MS_PER_DAY - MS_PER_MINUTE, "23 h 59 min"],
    [5 * MS_PER_HOUR + 23 * MS_PER_MINUTE, "5 h 23 min"],
    [MS_PER_HOUR, "1 h 0 min"],
    [MS_PER_MINUTE, "0 h 1 min"],
    [1, "0 h 1 min"],
    [0, "0 h 0 min"],
    [-5, "0 h 0 min"],
    [7 * MS_PER_DAY, "168 h 0 min"],
  ];
  for (const [ms, text] of cases) assertStrictEquals(formatHoursMinutes(ms), text);
});

Deno.test("trap 35: the time to a quota's reset is never 0 h 0 min, at midnight it is the whole day", () => {
  const midnight = Date.UTC(2026, 10, 23);
  assertStrictEquals(formatHoursMinutes(quotaWindow("day", midnight).endsAt - midnight), "24 h 0 min");
  assertStrictEquals(
    formatHoursMinutes(quotaWindow("day", midnight - 1).endsAt - (midnight - 1)),
    "0 h 1 min",
  );
  const anyInstant = fc.integer({ min: midnight, max: midnight + 400 * MS_PER_DAY });
  fc.assert(fc.property(fc.constantFrom("day", "week", "month"), anyInstant, (period, now) => {
    const [hours = 0, minutes = 0] = formatHoursMinutes(quotaWindow(period, now).endsAt - now).match(/\d+/g)!;
    assert(Number(hours) + Number(minutes) > 0);
  }));
});

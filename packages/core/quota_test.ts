import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { formatInstant, MS_PER_DAY } from "./clock.ts";
import { grantUnits, parseQuotaPolicy, quotaWindow, shareOfLimit } from "./quota.ts";
import type { QuotaPeriod } from "./quota_ledger.ts";

/** A window as two dates. */
function windowOf(period: QuotaPeriod, instant: string): string {
  const { startsAt, endsAt } = quotaWindow(period, Date.parse(instant));
  return `${formatInstant(startsAt)} ${formatInstant(endsAt)}`.replaceAll("T00:00:00.000Z", "");
}

const anyInstant = fc.integer({ min: Date.UTC(1970, 0, 5), max: Date.UTC(2200, 0) });
const anyPeriod = fc.constantFrom<QuotaPeriod>("day", "week", "month");

Deno.test("quotaWindow() is the UTC calendar period of an instant", () => {
  const cases: readonly (readonly [period: QuotaPeriod, instant: string, window: string])[] = [
    ["day", "2026-11-23T00:00:00.000Z", "2026-11-23 2026-11-24"],
    ["day", "2026-11-23T23:59:59.999Z", "2026-11-23 2026-11-24"],
    ["day", "2026-12-31T23:59:59.999Z", "2026-12-31 2027-01-01"],
    ["day", "2024-02-29T12:00:00.000Z", "2024-02-29 2024-03-01"],
    // Days on which clocks change in Europe and America are 24 hours long here.
    ["day", "2026-03-29T12:00:00.000Z", "2026-03-29 2026-03-30"],
    ["day", "2026-11-01T12:00:00.000Z", "2026-11-01 2026-11-02"],
    ["week", "2026-11-23T00:00:00.000Z", "2026-11-23 2026-11-30"],
    ["week", "2026-11-29T23:59:59.999Z", "2026-11-23 2026-11-30"],
    ["week", "2026-11-22T23:59:59.999Z", "2026-11-16 2026-11-23"],
    ["week", "2027-01-01T00:00:00.000Z", "2026-12-28 2027-01-04"],
    ["week", "2024-02-29T00:00:00.000Z", "2024-02-26 2024-03-04"],
    ["week", "2026-10-25T12:00:00.000Z", "2026-10-19 2026-10-26"],
    ["month", "2026-11-01T00:00:00.000Z", "2026-11-01 2026-12-01"],
    ["month", "2026-11-30T23:59:59.999Z", "2026-11-01 2026-12-01"],
    ["month", "2026-12-31T23:59:59.999Z", "2026-12-01 2027-01-01"],
    ["month", "2026-02-28T23:59:59.999Z", "2026-02-01 2026-03-01"],
    ["month", "2024-02-29T23:59:59.999Z", "2024-02-01 2024-03-01"],
    ["month", "2100-02-28T23:59:59.999Z", "2100-02-01 2100-03-01"],
  ];
  for (const [period, instant, window] of cases) {
    assertEquals(windowOf(period, instant), window, `${period} of ${instant}`);
  }
});

Deno.test("quotaWindow() at midnight has the whole period ahead", () => {
  const midnight = Date.UTC(2026, 10, 23);
  assertStrictEquals(quotaWindow("day", midnight).endsAt - midnight, MS_PER_DAY);
  assertStrictEquals(quotaWindow("day", midnight - 1).endsAt, midnight);
  assertStrictEquals(quotaWindow("week", midnight).endsAt - midnight, 7 * MS_PER_DAY);
});

Deno.test("quotaWindow() covers time without gap or overlap", () => {
  const lengths: Readonly<Record<QuotaPeriod, readonly number[]>> = {
    day: [1],
    week: [7],
    month: [28, 29, 30, 31],
  };
  fc.assert(
    fc.property(anyPeriod, anyInstant, (period, now) => {
      const window = quotaWindow(period, now);
      assert(window.startsAt <= now && now < window.endsAt);
      assertEquals(quotaWindow(period, window.startsAt), window);
      assertEquals(quotaWindow(period, window.endsAt - 1), window);
      assertStrictEquals(quotaWindow(period, window.endsAt).startsAt, window.endsAt);
      assert(lengths[period].includes((window.endsAt - window.startsAt) / MS_PER_DAY));
      assert(period !== "week" || new Date(window.startsAt).getUTCDay() === 1);
      assert(period !== "month" || new Date(window.startsAt).getUTCDate() === 1);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("grantUnits() grants what is left", () => {
  const cases: readonly (readonly [wanted: number, limit: number, used: number, granted: number])[] = [
    [10, 100, 0, 10],
    [10, 100, 90, 10],
    [10, 100, 91, 9],
    [10, 100, 100, 0],
    [10, 100, 150, 0],
    [10, 0, 0, 0],
    [0, 100, 0, 0],
    [-1, 100, 0, 0],
  ];
  for (const [wanted, limit, used, granted] of cases) {
    assertStrictEquals(grantUnits(wanted, { limit, used }), granted, `${wanted} of ${limit}, used ${used}`);
  }
});

Deno.test("grantUnits() never exceeds the limit in any sequence of wishes", () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000 }), fc.array(fc.integer({ min: -5, max: 200 })), (limit, wishes) => {
      let used = 0;
      for (const wanted of wishes) {
        const granted = grantUnits(wanted, { limit, used });
        assert(granted >= 0 && granted <= Math.max(0, wanted));
        used += granted;
        assert(used <= limit);
      }
      const wished = wishes.reduce((sum, wanted) => sum + Math.max(0, wanted), 0);
      assertStrictEquals(used, Math.min(limit, wished));
    }),
  );
});

Deno.test("shareOfLimit() rounds down, but not because of binary fractions", () => {
  const cases: readonly (readonly [limit: number, share: number, units: number])[] = [
    [10_000, 0.8, 8_000],
    [100, 0.29, 29],
    [25, 0.8, 20],
    [25, 0.79, 19],
    [9, 1 / 3, 3],
    [1, 0.8, 0],
    [0, 1, 0],
    [7, 0, 0],
    [1_000_000_000, 0.8, 800_000_000],
  ];
  for (const [limit, share, units] of cases) {
    assertStrictEquals(shareOfLimit(limit, share), units, `${share} of ${limit}`);
  }
});

Deno.test("shareOfLimit() of every hundredth is that of whole numbers", () => {
  fc.assert(fc.property(fc.nat({ max: 1_000_000_000 }), fc.nat({ max: 100 }), (limit, percent) => {
    assertStrictEquals(shareOfLimit(limit, percent / 100), Math.floor(limit * percent / 100));
  }));
});

Deno.test("parseQuotaPolicy() reads settings and nothing else", () => {
  assertEquals(parseQuotaPolicy("10000/day"), { limit: 10_000, period: "day" });
  assertEquals(parseQuotaPolicy("25/week"), { limit: 25, period: "week" });
  assertEquals(parseQuotaPolicy(" 0/month "), { limit: 0, period: "month" });
  assertEquals(parseQuotaPolicy("1000000000/day"), { limit: 1_000_000_000, period: "day" });
  const bad = [
    "",
    "10000",
    "/day",
    "10000/",
    "10000/hour",
    "10000/Day",
    "10000/days",
    "10000/constructor",
    "10000 / day",
    "-1/day",
    "1.5/day",
    "1e3/day",
    "0x10/day",
    "1000000001/day",
    "99999999999/day",
    "10000/day/week",
  ];
  for (const text of bad) assertEquals(parseQuotaPolicy(text), null, text);
});

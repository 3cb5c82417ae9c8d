import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import { type ForecastQuota, forecastQuota } from "./quota_forecast.ts";

const MIDNIGHT = Date.UTC(2026, 10, 23);
const NOON = MIDNIGHT + MS_PER_DAY / 2;

/** A day's quota of 10 000 of which `used` were used from `firstUsedAt` on. */
function quotaOf(used: number, firstUsedAt: number | null, more: Partial<ForecastQuota> = {}): ForecastQuota {
  return {
    used,
    usedBefore: 0,
    firstUsedAt,
    remaining: Math.max(0, 10_000 - used),
    window: { startsAt: MIDNIGHT, endsAt: MIDNIGHT + MS_PER_DAY },
    closedUntil: null,
    ...more,
  };
}

Deno.test("forecastQuota() tells when the quota is empty at the mean rate since the first request", () => {
  const eight = NOON - 4 * MS_PER_HOUR;
  const cases: readonly (readonly [what: string, status: ForecastQuota, kind: string, at?: number])[] = [
    // 8 000 in 4 hours: the other 2 000 last an hour.
    ["runs out", quotaOf(8_000, eight), "runs_out", NOON + MS_PER_HOUR],
    ["what was used before does not count", quotaOf(8_000, eight, { usedBefore: 7_999 }), "lasts"],
    [
      "one unit before the end",
      quotaOf(2_501, eight),
      "runs_out",
      NOON + Math.ceil(7_499 * 4 / 2_501 * 36e5),
    ],
    ["exactly at the end", quotaOf(2_500, eight), "lasts"],
    ["nothing used", quotaOf(0, null), "unknown"],
    ["all given back", quotaOf(0, eight), "lasts"],
    ["given back beyond the first grant", quotaOf(3, eight, { usedBefore: 5 }), "lasts"],
    ["nine minutes of use", quotaOf(9_000, NOON - 10 * MS_PER_MINUTE + 1), "unknown"],
    ["ten minutes of use", quotaOf(9_000, NOON - 10 * MS_PER_MINUTE), "runs_out", NOON + 66_667],
    ["a clock that is behind", quotaOf(9_000, NOON + MS_PER_HOUR), "unknown"],
    ["nothing left", quotaOf(10_000, eight), "empty"],
    ["closed", quotaOf(100, eight, { closedUntil: NOON + 1 }), "empty"],
    ["a limit of 0", quotaOf(0, null, { remaining: 0 }), "empty"],
  ];
  for (const [what, status, kind, at] of cases) {
    assertEquals<unknown>(forecastQuota(status, NOON), at === undefined ? { kind } : { kind, at }, what);
  }
});

const anyUse = fc.record({
  limit: fc.integer({ min: 1, max: 1_000_000 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  elapsedMs: fc.integer({ min: 10 * MS_PER_MINUTE, max: MS_PER_DAY - 1 }),
});

Deno.test("forecastQuota() agrees with going on at the same rate until the window's end", () => {
  fc.assert(
    fc.property(anyUse, ({ limit, part, elapsedMs }) => {
      const used = Math.floor(limit * part);
      const now = MIDNIGHT + elapsedMs;
      const status = quotaOf(used, MIDNIGHT, { remaining: limit - used });
      const forecast = forecastQuota(status, now);
      const atEnd = used + (used / elapsedMs) * (MIDNIGHT + MS_PER_DAY - now);
      if (used === limit) return assertEquals(forecast.kind, "empty");
      // A whisker around the end is left to rounding.
      if (atEnd > limit * 1.000_001) assertEquals(forecast.kind, "runs_out");
      if (atEnd < limit * 0.999_999) assertEquals(forecast.kind, "lasts");
      if (forecast.kind !== "runs_out") return;
      assert(forecast.at > now && forecast.at < status.window.endsAt);
      const usedThen = used + (used / elapsedMs) * (forecast.at - now);
      assert(Math.abs(usedThen - limit) <= used / elapsedMs + limit * 1e-9, `${usedThen} of ${limit}`);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("forecastQuota() is never later when more was used in the same time", () => {
  const emptyAt = (used: number, limit: number, now: number) => {
    const forecast = forecastQuota(quotaOf(used, MIDNIGHT, { remaining: limit - used }), now);
    return forecast.kind === "runs_out" ? forecast.at : forecast.kind === "empty" ? now : Infinity;
  };
  fc.assert(
    fc.property(anyUse, fc.double({ min: 0, max: 1, noNaN: true }), ({ limit, part, elapsedMs }, less) => {
      const used = Math.floor(limit * part);
      const now = MIDNIGHT + elapsedMs;
      assert(emptyAt(used, limit, now) <= emptyAt(Math.floor(used * less), limit, now));
    }),
  );
});

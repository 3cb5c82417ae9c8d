import { MS_PER_MINUTE } from "./clock.ts";
import type { QuotaStatus } from "./quota_ledger.ts";

/**
 * What becomes of a quota if it goes on being used at the present rate.
 * - `empty`: nothing is left, or a 429 keeps it closed
 * - `runs_out`: nothing will be left from `at` on (milliseconds since 1970 UTC), which is before the window ends
 * - `lasts`: something will be left when the window ends
 * - `unknown`: it has not been in use for long enough to tell
 */
export type QuotaForecast =
  | { readonly kind: "empty" | "lasts" | "unknown" }
  | { readonly kind: "runs_out"; readonly at: number };

/** Less use than this says nothing about a rate: one batch would. */
const MIN_USE_MS = 10 * MS_PER_MINUTE;

/** What a forecast goes by. */
export type ForecastQuota = Pick<
  QuotaStatus,
  "used" | "usedBefore" | "firstUsedAt" | "remaining" | "window" | "closedUntil"
>;

/** Foretells by the mean rate since the window's first request. */
export function forecastQuota(status: ForecastQuota, now: number): QuotaForecast {
  const { used, usedBefore, firstUsedAt, remaining, window, closedUntil } = status;
  if (remaining <= 0 || closedUntil !== null) return { kind: "empty" };
  if (firstUsedAt === null || now - firstUsedAt < MIN_USE_MS) return { kind: "unknown" };
  const units = used - usedBefore;
  if (units <= 0) return { kind: "lasts" };
  const at = Math.ceil(now + (remaining * (now - firstUsedAt)) / units);
  return at < window.endsAt ? { kind: "runs_out", at } : { kind: "lasts" };
}

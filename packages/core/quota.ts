import { MS_PER_DAY } from "./clock.ts";
import type { QuotaPeriod, QuotaPolicy, QuotaWindow } from "./quota_ledger.ts";

/** The calendar period (UTC) that holds `now`; weeks start on Monday. */
export function quotaWindow(period: QuotaPeriod, now: number): QuotaWindow {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (period === "month") return { startsAt: Date.UTC(year, month), endsAt: Date.UTC(year, month + 1) };
  const midnight = Date.UTC(year, month, day);
  if (period === "day") return { startsAt: midnight, endsAt: midnight + MS_PER_DAY };
  const startsAt = midnight - ((date.getUTCDay() + 6) % 7) * MS_PER_DAY;
  return { startsAt, endsAt: startsAt + 7 * MS_PER_DAY };
}

/** How many of `wanted` units may still be taken. */
export function grantUnits(wanted: number, state: { limit: number; used: number }): number {
  return Math.max(0, Math.min(wanted, state.limit - state.used));
}

/**
 * The units up to which a caller with a share of the quota, 0 to 1, may bring the counter: rounded down, after the
 * noise of binary fractions is gone (29 of 100 for 0.29).
 */
export function shareOfLimit(limit: number, share: number): number {
  return Math.floor(Number((limit * share).toFixed(6)));
}

const PERIODS: Readonly<Record<string, QuotaPeriod>> = { day: "day", week: "week", month: "month" };

/** More than any provider allows; a larger number is a mistake. */
export const MAX_QUOTA = 1_000_000_000;

/** Reads a setting such as `10000/day`; null when it is none. The limit is 0 to a billion. */
export function parseQuotaPolicy(text: string): QuotaPolicy | null {
  const match = /^(\d{1,10})\/(day|week|month)$/.exec(text.trim());
  const period = match === null ? undefined : PERIODS[match[2]!];
  const limit = Number(match?.[1]);
  return period === undefined || limit > MAX_QUOTA ? null : { limit, period };
}

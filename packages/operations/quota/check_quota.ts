import {
  forecastQuota,
  formatHoursMinutes,
  formatInstant,
  gradeQuota,
  MS_PER_SECOND,
  type QuotaForecast,
  type QuotaGrade,
  type QuotaStatus,
  shareOfLimit,
  StoreError,
} from "@ipcascade/core";
import { type ReportedError, reportError } from "../reported_error.ts";
import { QUOTA_SOURCE, type QuotaDeps } from "./deps.ts";
import { describeQuota, type QuotaSnapshot } from "./quota_snapshot.ts";

/** A state of which every field is null when the ledger can't be read. */
export type MaybeQuotaSnapshot = {
  readonly [Key in Exclude<keyof QuotaSnapshot, "source">]: QuotaSnapshot[Key] | null;
};

/** The report on GreyNoise's quota (runbook: Quota Monitoring). Instants are RFC 3339 UTC. */
export interface QuotaReport extends MaybeQuotaSnapshot {
  readonly operation: "check-quota";
  readonly source: QuotaSnapshot["source"];
  /** Less than a fifth left is `warning`, less than a tenth `critical`; `unknown` when the ledger can't be read. */
  readonly grade: QuotaGrade | "unknown";
  /** Why, in one sentence. */
  readonly message: string;
  /** With one decimal; null for a limit of 0 as well. */
  readonly remaining_percent: number | null;
  /** Seconds until `resets_at`, begun ones included. */
  readonly resets_in_s: number | null;
  /** Part of the limit that refreshing may use, 0 to 1. */
  readonly refresh_share: number;
  /** What that is in requests. */
  readonly refresh_limit: number | null;
  /** What of it is left. */
  readonly refresh_remaining: number | null;
  /** What becomes of it at the mean rate since the window's first request; `unknown` below ten minutes of use. */
  readonly forecast: QuotaForecast["kind"];
  /** When it is empty, for `runs_out`. */
  readonly empty_at: string | null;
  readonly checked_at: string;
  /** Why the ledger can't be read. */
  readonly error: ReportedError | null;
}

/** How the quota is checked. */
export interface QuotaCheckOptions {
  /** Part of the limit that refreshing may use, 0 to 1. */
  readonly refreshShare: number;
}

/** Grades what is left of GreyNoise's quota, and foretells when it is empty. Asks no provider. */
export async function checkQuota(
  { ledger, clock }: Pick<QuotaDeps, "ledger" | "clock">,
  options: QuotaCheckOptions,
): Promise<QuotaReport> {
  const now = clock.now();
  try {
    return reportStatus(await ledger.read(QUOTA_SOURCE, now), now, options);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return reportUnknownQuota(error, now, options);
  }
}

function reportStatus(status: QuotaStatus, now: number, { refreshShare }: QuotaCheckOptions): QuotaReport {
  const { policy, used, remaining, window } = status;
  const forecast = forecastQuota(status, now);
  const refresh_limit = shareOfLimit(policy.limit, refreshShare);
  return {
    operation: "check-quota",
    grade: gradeQuota(status),
    message: describeStatus(status, now),
    ...describeQuota(status),
    remaining_percent: percentOf(remaining, policy.limit),
    resets_in_s: Math.ceil((window.endsAt - now) / MS_PER_SECOND),
    refresh_share: refreshShare,
    refresh_limit,
    refresh_remaining: Math.max(0, Math.min(remaining, refresh_limit - used)),
    forecast: forecast.kind,
    empty_at: forecast.kind === "runs_out" ? formatInstant(forecast.at) : null,
    checked_at: formatInstant(now),
    error: null,
  };
}

function describeStatus(status: QuotaStatus, now: number): string {
  const { policy, remaining, window, closedUntil } = status;
  if (closedUntil !== null) {
    const wait = formatHoursMinutes(closedUntil - now);
    return `closed by a 429 until ${formatInstant(closedUntil)}, in ${wait}`;
  }
  const percent = percentOf(remaining, policy.limit);
  if (percent === null) return "the limit is 0: nothing may be sent";
  const resets = `resets in ${formatHoursMinutes(window.endsAt - now)}`;
  return `${remaining} of ${policy.limit} left (${percent} %), ${resets}`;
}

/** In percent with one decimal, rounded down: what is not all is not 100. */
function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.floor((part * 1_000) / whole) / 10;
}

/** The report when the ledger can't be read or not even be opened: not knowing is never "full". */
export function reportUnknownQuota(
  error: unknown,
  now: number,
  { refreshShare }: QuotaCheckOptions,
): QuotaReport {
  const reported = reportError(error);
  return {
    operation: "check-quota",
    grade: "unknown",
    message: `the quota ledger can't be read: ${reported.message}`,
    source: QUOTA_SOURCE,
    limit: null,
    period: null,
    origin: null,
    since: null,
    used: null,
    remaining: null,
    window_starts_at: null,
    resets_at: null,
    closed_until: null,
    remaining_percent: null,
    resets_in_s: null,
    refresh_share: refreshShare,
    refresh_limit: null,
    refresh_remaining: null,
    forecast: "unknown",
    empty_at: null,
    checked_at: formatInstant(now),
    error: reported,
  };
}

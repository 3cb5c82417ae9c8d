import type { AlertObservation } from "@ipcascade/core";
import { DATABASE_PAGE } from "../health/database.ts";
import type { QuotaReport } from "../quota/check_quota.ts";

/** The key under which the quota is told of. */
export const QUOTA_ALERT_KEY = "quota";

/**
 * What alerts make of a check of the quota (runbook: Quota Monitoring). Not knowing is an alert as well. Little that
 * lasts until the window ends needs nobody: refreshing takes its share of each window by design.
 */
export function observeQuota(report: QuotaReport): AlertObservation {
  const { grade, forecast } = report;
  return {
    key: QUOTA_ALERT_KEY,
    grade: grade === "warning" && forecast === "lasts" ? "info" : grade,
    title: titleOf(report),
    message: `GreyNoise quota: ${report.message}${forecastOf(report)}`,
    fix: report.grade === "ok" ? null : fixOf(report),
    at: Date.parse(report.checked_at),
  };
}

function titleOf({ closed_until, remaining, limit, grade }: QuotaReport): string {
  if (grade === "unknown") return "it is not known what is left";
  if (closed_until !== null) return `closed by GreyNoise until ${closed_until}`;
  return `${remaining} of ${limit} left`;
}

function forecastOf({ forecast, empty_at }: QuotaReport): string {
  return forecast === "runs_out" && empty_at !== null ? `; at this rate empty at ${empty_at}` : "";
}

/** What helps: a page about the database, or who used what and which 429 came. */
function fixOf({ grade }: QuotaReport): string {
  return grade === "unknown" ? DATABASE_PAGE : "ipcascade quota history";
}

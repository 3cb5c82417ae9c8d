import {
  type Clock,
  describeCheck,
  type ExpectedCheck,
  type HealthCheck,
  quotaLimits,
  StoreError,
} from "@ipcascade/core";
import { checkQuota, type QuotaCheckOptions, type QuotaReport } from "../quota/check_quota.ts";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

const QUOTA: ExpectedCheck = { name: "greynoise_quota", group: "sources", fix: DATABASE_PAGE };
/** The page for a quota that runs out, or is closed. */
export const QUOTA_PAGE = "docs/quota.md#greynoise-quota-exceeded-early";

/** What is left of GreyNoise's quota. No request is spent. */
export function createQuotaProbe(
  { database, clock }: { readonly database: HealthDatabase; readonly clock: Clock },
  options: QuotaCheckOptions,
): HealthProbe {
  return createStoreProbe(database, [QUOTA], async ({ ledger }) => {
    const report = await checkQuota({ ledger, clock }, options);
    if (report.grade === "unknown") throw new StoreError(report.message);
    return [describeQuotaCheck(report)];
  });
}

function describeQuotaCheck(report: QuotaReport): HealthCheck {
  const limit = report.limit ?? 0;
  const limits = quotaLimits(limit);
  return describeCheck(QUOTA, {
    grade: report.grade,
    observed: report.remaining,
    unit: "requests",
    warning: { below: limits.warning },
    critical: { below: limits.critical },
    max: limit,
    message: report.message,
    fix: report.grade === "ok" ? null : QUOTA_PAGE,
  });
}

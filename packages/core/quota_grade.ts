import type { Grade } from "./grade.ts";
import type { QuotaStatus } from "./quota_ledger.ts";

/** How worrying the state of a quota is. A ledger that can't be read has no grade: not knowing is not "full". */
export type QuotaGrade = Extract<Grade, "ok" | "warning" | "critical">;

/** With less left, in percent of the limit, a warning (runbook: Morning Health Check, 2 000 of 10 000). */
const WARNING_BELOW_PERCENT = 20;
/** With less left critical (runbook: 1 000 of 10 000). */
const CRITICAL_BELOW_PERCENT = 10;

/** What a grade goes by. */
export type GradedQuota = Pick<QuotaStatus, "policy" | "remaining" | "closedUntil">;

/** Grades by what is left of the limit. Nothing left, a limit of 0 and a closing by a 429 are critical. */
export function gradeQuota({ policy, remaining, closedUntil }: GradedQuota): QuotaGrade {
  if (closedUntil !== null || remaining <= 0) return "critical";
  // Whole numbers: a tenth of 70 is more than 7 in binary fractions.
  if (remaining * 100 < policy.limit * CRITICAL_BELOW_PERCENT) return "critical";
  return remaining * 100 < policy.limit * WARNING_BELOW_PERCENT ? "warning" : "ok";
}

/** Requests left below which a limit is worth a grade; not whole for a small one. */
export function quotaLimits(limit: number): { readonly warning: number; readonly critical: number } {
  return {
    warning: (limit * WARNING_BELOW_PERCENT) / 100,
    critical: (limit * CRITICAL_BELOW_PERCENT) / 100,
  };
}

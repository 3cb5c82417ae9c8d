import { UsageError } from "@ipcascade/core";
import { QUOTA_SOURCE, type QuotaDeps } from "./deps.ts";
import { describeQuotaChange, type QuotaChangeItem } from "./quota_change_report.ts";
import { readReason } from "./quota_order.ts";

/** The report on a counter that was put to 0. */
export interface ResetQuotaReport extends QuotaChangeItem {
  readonly operation: "reset-quota";
  readonly status: "done";
}

/** Why, and by whom. */
export interface ResetQuotaOptions {
  readonly reason: string;
  /** Such as `alice@honeypot-1`. */
  readonly actor: string;
}

/**
 * Puts the counter of GreyNoise's present window to 0 and lifts a closing (runbook: GreyNoise Quota Exceeded Early).
 * Throws `UsageError` without a reason, `StoreError` when the ledger can't be written.
 */
export async function resetQuota(
  { control, clock }: Pick<QuotaDeps, "control" | "clock">,
  options: ResetQuotaOptions,
): Promise<ResetQuotaReport> {
  const reason = readReason(options.reason);
  // A door may read its caller's JSON loosely.
  if (reason === null) throw new UsageError("Cannot reset the quota without a reason");
  const change = await control.reset(QUOTA_SOURCE, { actor: options.actor, reason, now: clock.now() });
  return { operation: "reset-quota", status: "done", ...describeQuotaChange(change) };
}

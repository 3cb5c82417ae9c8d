import { MAX_QUOTA, type QuotaPolicy, UsageError } from "@ipcascade/core";
import { QUOTA_SOURCE, type QuotaDeps } from "./deps.ts";
import { describeQuotaChange, type QuotaChangeItem } from "./quota_change_report.ts";
import { readReason } from "./quota_order.ts";

/** The report on an operator's word about the quota. */
export interface SetQuotaReport extends QuotaChangeItem {
  readonly operation: "set-quota";
  readonly status: "done";
}

/** What is set, by whom and why. */
export interface SetQuotaOptions {
  readonly policy: QuotaPolicy;
  /** Requests used in the present window of that policy; absent leaves them as they were counted. */
  readonly used?: number;
  readonly reason?: string;
  /** Such as `alice@honeypot-1`. */
  readonly actor: string;
  /** Nothing is sent to the ledger once it aborts; what was sent can't be withdrawn. */
  readonly signal?: AbortSignal;
}

/**
 * Sets GreyNoise's limit, which holds until a 429 teaches another one or an operator sets the next. Throws
 * `UsageError` for numbers or reasons that make no sense, `StoreError` when the ledger can't be written.
 */
export async function setQuota(
  { control, clock }: Pick<QuotaDeps, "control" | "clock">,
  options: SetQuotaOptions,
): Promise<SetQuotaReport> {
  const { policy, actor } = options;
  const used = options.used ?? null;
  checkCount("limit", policy.limit);
  if (used !== null) checkCount("counter", used);
  const reason = readReason(options.reason ?? null);
  options.signal?.throwIfAborted();
  const change = await control.set(QUOTA_SOURCE, { policy, used, actor, reason, now: clock.now() });
  return { operation: "set-quota", status: "done", ...describeQuotaChange(change) };
}

function checkCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 0 && count <= MAX_QUOTA) return;
  throw new UsageError(
    `Cannot set a ${what} of "${count}": allowed are whole numbers from 0 to ${MAX_QUOTA}`,
  );
}

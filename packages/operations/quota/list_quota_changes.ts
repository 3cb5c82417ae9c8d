import { QUOTA_SOURCE, type QuotaDeps } from "./deps.ts";
import { describeQuotaChange, type QuotaChangeItem } from "./quota_change_report.ts";

/** The report on what happened to the quota. */
export interface QuotaHistory {
  readonly operation: "list-quota-changes";
  /** Newest first. */
  readonly changes: readonly QuotaChangeItem[];
}

/** Lists closings and orders, newest first. Throws `StoreError` when they can't be read. */
export async function listQuotaChanges(
  { control }: Pick<QuotaDeps, "control">,
  options: { readonly limit: number },
): Promise<QuotaHistory> {
  const changes = await control.listChanges(QUOTA_SOURCE, options.limit);
  return { operation: "list-quota-changes", changes: changes.map(describeQuotaChange) };
}

export * from "./check_quota.ts";
export type { QuotaDeps } from "./deps.ts";
export * from "./list_quota_changes.ts";
export type { QuotaChangeItem } from "./quota_change_report.ts";
export type { QuotaSnapshot } from "./quota_snapshot.ts";
export * from "./reset_quota.ts";
export * from "./set_quota.ts";

export type { AlertCounts, AlertFailure, AlertReport, NotifierReport } from "./alert_report.ts";
export type { AlertDeps } from "./deps.ts";
export * from "./forget_alert.ts";
export * from "./list_alerts.ts";
export * from "./observe_health.ts";
export * from "./observe_quota.ts";
export * from "./send_alerts.ts";
export * from "./test_notifiers.ts";

export * from "./catalogue.ts";
export { checkHealthAndTell, type HealthTelling, type ToldHealth } from "./check_health.ts";
export { checkQuotaAndTell, type QuotaTelling, type ToldQuota } from "./check_quota.ts";
export { COVERAGE_LIMIT_MS } from "./coverage_jobs.ts";
export { planRecovery, planUpdate } from "./edition_jobs.ts";
export type * from "./job_context.ts";

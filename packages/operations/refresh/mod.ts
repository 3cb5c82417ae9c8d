export * from "./backfill_asn.ts";
export type { RefreshDeps, RefreshOptions, RefreshProgress } from "./deps.ts";
export * from "./refresh_report.ts";
export * from "./refresh_stale.ts";

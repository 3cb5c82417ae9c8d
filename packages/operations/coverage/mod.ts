export type * from "./coverage_report.ts";
export type { CoverageDeps } from "./deps.ts";
export * from "./list_coverage.ts";
export * from "./report_coverage.ts";
export * from "./snapshot_coverage.ts";

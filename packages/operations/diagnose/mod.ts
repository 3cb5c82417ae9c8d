export * from "./diagnosis.ts";
export * from "./conclude.ts";
export type { DatabaseDeps } from "./diagnose_database.ts";
export * from "./diagnose_latency.ts";
export type { OpenEditionReader } from "./diagnose_lookups.ts";
export * from "./diagnose_memory.ts";
export type { SourceTimeouts } from "./diagnose_sources.ts";
export * from "./latency_limits.ts";
export * from "./source_latency.ts";

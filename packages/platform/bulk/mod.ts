export * from "./bulk_run.ts";
export type { AnnotateSpec, EngineSpec, LookUpSpec } from "./engines.ts";
export * from "./read_chunks.ts";
export * from "./read_log.ts";

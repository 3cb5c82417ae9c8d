export * from "./compare_references.ts";
export * from "./diagnose_cymru.ts";
export * from "./evidence.ts";
export * from "./judge.ts";
export * from "./letter.ts";
export * from "./probes.ts";
export type { CymruStepSettings } from "./steps.ts";

export * from "./diagnose_greynoise.ts";
export * from "./evidence.ts";
export * from "./judge.ts";

export * from "./diagnose_maxmind.ts";
export * from "./judge.ts";

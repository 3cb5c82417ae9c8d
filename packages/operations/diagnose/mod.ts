export * from "./cymru/mod.ts";
export * from "./diagnose.ts";
export * from "./diagnosis.ts";
export * from "./finding.ts";
export * from "./greynoise/mod.ts";
export * from "./maxmind/mod.ts";
export * from "./request_pattern.ts";
export * from "./settle_within.ts";

export * from "./profile.ts";
export * from "./profile_report.ts";

export * from "./content_chain.ts";
export * from "./deps.ts";
export * from "./read_member.ts";
export * from "./reports.ts";

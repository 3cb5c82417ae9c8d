export * from "./cascade_run.ts";
export * from "./deps.ts";
export * from "./enrich_many.ts";
export * from "./inputs.ts";
export * from "./look_up.ts";
export * from "./source_circuit.ts";
export * from "./tally.ts";

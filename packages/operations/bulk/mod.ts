export * from "./bulk_look_up.ts";
export * from "./chunk_engine.ts";
export { type PieceCounts, PieceTally } from "./piece_tally.ts";
export * from "./plain_line.ts";
export * from "./record_form.ts";

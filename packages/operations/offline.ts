/**
 * The part of this package that look-ups without a store use, for commands that load no more than that.
 *
 * @module
 */
export * from "./annotate/mod.ts";
export * from "./bulk/mod.ts";
export * from "./editions/kept_set_errors.ts";
export * from "./editions/prune_editions.ts";
export * from "./line_splitter.ts";
export * from "./look_up.ts";
export * from "./tally.ts";

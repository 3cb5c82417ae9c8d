/**
 * The part of this package that every command uses, and look-ups in the installed editions: settings, terminal, inputs.
 * It loads neither a database nor what speaks to providers.
 *
 * @module
 */
export * from "./bulk/mod.ts";
export * from "./heap.ts";
export * from "./input_arguments.ts";
export * from "./input_format.ts";
export type { InputItem } from "./input_item.ts";
export * from "./input_items.ts";
export * from "./input_lines.ts";
export * from "./input_source.ts";
export * from "./input_unreadable_error.ts";
export * from "./node_clock.ts";
export { openMaxmind } from "./open_maxmind.ts";
export * from "./output_stream.ts";
export * from "./secrets.ts";
export * from "./settings.ts";
export * from "./stderr_log.ts";
export * from "./stop_signals.ts";
export * from "./terminal.ts";
export type { ServingEdition, ServingPair, WatchedMaxmind } from "./watched_maxmind.ts";
export type { SplitLines } from "@ipcascade/operations";

/**
 * The composition root: reads settings, opens files, sockets and databases, and wires the product together.
 *
 * @module
 */
export * from "./compose.ts";
export * from "./cron_ticks.ts";
export * from "./directory_lock.ts";
export * from "./disk_space.ts";
export * from "./download_fetch.ts";
export * from "./edition_file_arguments.ts";
export * from "./edition_file_store.ts";
export * from "./file_alert_states.ts";
export * from "./flock.ts";
export * from "./gunzip.ts";
export * from "./heap.ts";
export * from "./health_database.ts";
export * from "./input_arguments.ts";
export * from "./input_format.ts";
export type { InputItem } from "./input_item.ts";
export * from "./input_items.ts";
export type { SplitLines } from "./input_line_splitter.ts";
export * from "./input_lines.ts";
export * from "./input_source.ts";
export * from "./input_unreadable_error.ts";
export * from "./mirror_directory.ts";
export * from "./node_clock.ts";
export * from "./node_hasher.ts";
export type { Letter, Mailer } from "./mailer.ts";
export * from "./open_alerts.ts";
export * from "./open_coverage.ts";
export * from "./open_database.ts";
export type { LazyDatabase } from "./lazy_database.ts";
export * from "./open_diagnoses.ts";
export { type OpenEditions, openEditions, type OpenEditionsOptions } from "./open_editions.ts";
export * from "./open_edition_provider.ts";
export * from "./open_job_journal.ts";
export * from "./open_job_runs.ts";
export * from "./open_performance.ts";
export * from "./open_health.ts";
export * from "./open_quota.ts";
export * from "./open_queue.ts";
export * from "./job_pings.ts";
export * from "./lively_database.ts";
export * from "./output_file.ts";
export * from "./output_stream.ts";
export * from "./pglite_database.ts";
export * from "./postgres_database.ts";
export { createRunId } from "./process_identity.ts";
export * from "./secrets.ts";
export * from "./settings.ts";
export * from "./stderr_log.ts";
export * from "./stop_signals.ts";
export * from "./terminal.ts";
export type { WatchedMaxmind } from "./watched_maxmind.ts";

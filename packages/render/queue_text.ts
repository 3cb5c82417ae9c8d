import { MS_PER_SECOND, SOURCE_NAMES } from "@ipcascade/core";
import type {
  DeadLetterReport,
  QueuedImportReport,
  QueueReport,
  QueueStatus,
  WorkReport,
} from "@ipcascade/operations";
import { nounFor } from "./plural.ts";
import { formatDuration, formatNumber, renderSource } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** What was queued, for standard error. */
export function renderQueued(report: QueueReport): string {
  const { inputs, addresses, batches, elapsed_ms } = report;
  const parts = [
    countOf(inputs, "input"),
    `${countOf(addresses, "address")} queued in ${countOf(batches, "batch")}`,
  ];
  if (report.duplicates > 0) parts.push(`${report.duplicates} queued before`);
  if (report.local > 0) parts.push(`${report.local} not global`);
  if (report.invalid > 0) parts.push(`${report.invalid} invalid`);
  const rate = elapsed_ms > 0 ? `, ${formatNumber(inputs / (elapsed_ms / 1000))}/s` : "";
  return `${parts.join(", ")} in ${formatDuration(elapsed_ms)}${rate}${describeStop(report)}\n`;
}

/** The part of an import's report that is about the queue, for standard error. */
export function renderQueuedImport(queued: QueuedImportReport["queued"]): string {
  return `  queue       ${countOf(queued.addresses, "address")} queued in ${
    countOf(queued.batches, "batch")
  }\n`;
}

/** What a worker did, for standard error. */
export function renderWork(report: WorkReport): string {
  const { batches, addresses, asked, fresh, held_back, stored, elapsed_ms } = report;
  const parts = [
    `${countOf(batches, "batch")}, ${countOf(addresses, "address")} done`,
    `${asked} asked`,
    `${fresh} fresh`,
  ];
  if (held_back > 0) parts.push(`${held_back} held back`);
  if (report.local > 0) parts.push(`${report.local} not global`);
  if (report.invalid > 0) parts.push(`${report.invalid} invalid`);
  if (stored > 0) parts.push(`${stored} stored`);
  const rate = elapsed_ms > 0 ? `, ${formatNumber(addresses / (elapsed_ms / 1000))}/s` : "";
  const lines = [`${parts.join(", ")} in ${formatDuration(elapsed_ms)}${rate}${describeStop(report)}`];
  for (const name of SOURCE_NAMES) {
    const { skipped_for: skipped, failed_for: failed, first_failure: firstFailure, ...answers } =
      report.sources[name];
    lines.push(...renderSource(name, { ...answers, skipped, failed, firstFailure }));
  }
  if (report.failed_tries > 0) lines.push(`  failed tries that are repeated: ${report.failed_tries}`);
  if (report.dead > 0) lines.push(`  new dead letters, see ipcascade jobs status: ${report.dead}`);
  if (report.given_back > 0) lines.push(`  given back: ${countOf(report.given_back, "batch")}`);
  if (report.lost > 0) lines.push(`  lost to other workers: ${countOf(report.lost, "batch")}`);
  return `${lines.join("\n")}\n`;
}

function describeStop({ stopped }: { readonly stopped: boolean }): string {
  return stopped ? ", stopped early" : "";
}

/** The page of `jobs status`. */
export function renderQueueStatus(report: QueueStatus): string {
  const { waiting, retrying, active, completed, dead, oldest_waiting_at, oldest_waiting_seconds } = report;
  const age = oldest_waiting_seconds === null ? "" : ` (${describeAge(oldest_waiting_seconds)})`;
  const parts = [
    `Batches: ${waiting} waiting, ${retrying} waiting for another try, ${active} worked on, ` +
    `${completed} done lately, ${dead} given up\n`,
    `Oldest that waits: ${oldest_waiting_at ?? "none"}${age}\n`,
  ];
  if (report.active_batches.length > 0) {
    const rows = report.active_batches.map((batch) => [
      batch.worker,
      String(batch.addresses),
      String(batch.attempt),
      batch.taken_at,
      batch.renewed_at,
    ]);
    parts.push("\n", renderTextTable(["WORKER", "ADDRESSES", "TRY", "SINCE", "SEEN"], rows));
  }
  if (report.dead_letters.length > 0) {
    const rows = report.dead_letters.map((letter) => [
      letter.died_at,
      String(letter.addresses),
      letter.first_address,
      letter.error,
    ]);
    parts.push("\n", renderTextTable(["DEAD SINCE", "ADDRESSES", "FIRST", "ERROR"], rows));
    parts.push('"ipcascade jobs retry" queues them again, "ipcascade jobs drop --yes" discards them\n');
  }
  return parts.join("");
}

function describeAge(seconds: number): string {
  return seconds < 1 ? "just now" : `${formatDuration(seconds * MS_PER_SECOND)} ago`;
}

/** What happened to the dead letters. */
export function renderDeadLetters({ operation, batches }: DeadLetterReport): string {
  if (batches === 0) return "There is no dead letter\n";
  const what = operation === "retry-dead-letters" ? "queued again" : "discarded";
  return `Dead letters ${what}: ${batches}\n`;
}

function countOf(number: number, noun: string): string {
  return `${number} ${nounFor(number, noun)}`;
}

import type { ImportReport, SessionsReport } from "@ipcascade/operations";
import { formatDuration, formatNumber } from "./summary_text.ts";

/** The report of an import, two lines for standard error. */
export function renderImport(report: ImportReport): string {
  const { lines, events, badLines, elapsedMs } = report;
  const rate = elapsedMs > 0 ? `, ${formatNumber(lines / (elapsedMs / 1000))} lines/s` : "";
  const bad = badLines > 0 ? `, ${badLines} unreadable` : "";
  const stopped = report.stopped ? ", stopped early" : "";
  return `${lines} lines, ${events} events${bad} in ${formatDuration(elapsedMs)}${rate}${stopped}\n` +
    `  sessions    ${report.newSessions} new, ${report.changedSessions} changed, ` +
    `${report.unchangedSessions} known already; ${report.newAddresses} new addresses\n`;
}

/** The part of the report of `sessions enrich` that is about sessions, for standard error. */
export function renderSessions(report: SessionsReport): string {
  const waiting = report.waiting > 0 ? `, ${report.waiting} wait for an answer` : "";
  const unknown = report.unknown.length > 0 ? `, ${report.unknown.length} unknown` : "";
  return `${report.pending} sessions without snapshot: ${report.snapshots} snapshots written${waiting}${unknown}\n`;
}

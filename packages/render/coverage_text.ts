import type { CoverageReport, CoverageSnapshotReport } from "@ipcascade/operations";
import {
  formatCount,
  formatPercent,
  listCoverageTables,
  listRemarks,
  titleOfReport,
} from "./coverage_tables.ts";
import { renderTextTable } from "./text_table.ts";

/** The report as a page of text: for terminals, and beside the HTML of a mail. */
export function renderCoverage(report: CoverageReport): string {
  const head = [titleOfReport(report), ...listRemarks(report).map((remark) => `${remark}.`), ""].join("\n");
  const tables = listCoverageTables(report).map(({ title, columns, rows, empty }) =>
    `\n${title}\n${
      rows.length === 0 ? `${empty}\n` : renderTextTable(columns.map((text) => text.toUpperCase()), rows)
    }`
  );
  return head + tables.join("");
}

/** What a day's snapshot holds. */
export function renderSnapshot(report: CoverageSnapshotReport): string {
  const { day, is_kept, addresses, asn_percent, geo_percent } = report;
  const kept = is_kept ? `Snapshot of ${day} is kept` : `The snapshot of ${day} that is there stays`;
  return `${kept}: ${formatCount(addresses)} addresses, ASN ${formatPercent(asn_percent)}, ` +
    `country ${formatPercent(geo_percent)}\n`;
}

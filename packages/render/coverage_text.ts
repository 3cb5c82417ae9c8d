import type { CoverageReport, CoverageSnapshotReport } from "@ipcascade/operations";
import { cellWidth, cleanCell, fitCell } from "./clean_cell.ts";
import {
  countOf,
  type CoverageTable,
  formatPercent,
  listCoverageTables,
  listRemarks,
  titleOfReport,
} from "./coverage_tables.ts";
import { renderTextTable } from "./text_table.ts";

/** Columns of a terminal for one cell: organisations may be called anything. */
const MAX_WIDTH = 40;

/** The report as a page of text: for terminals, and beside the HTML of a mail. */
export function renderCoverage(report: CoverageReport): string {
  const head = [titleOfReport(report), ...listRemarks(report).map((remark) => `${remark}.`), ""].join("\n");
  return head + listCoverageTables(report).map((table) => `\n${table.title}\n${renderTable(table)}`).join("");
}

function renderTable({ columns, rows, empty }: CoverageTable): string {
  if (rows.length === 0) return `${empty}\n`;
  return renderTextTable(columns.map((text) => text.toUpperCase()), rows.map((row) => row.map(shorten)));
}

function shorten(cell: string): string {
  const clean = cleanCell(cell);
  return cellWidth(clean) > MAX_WIDTH ? fitCell(clean, MAX_WIDTH).trimEnd() : clean;
}

/** What a day's snapshot holds. */
export function renderSnapshot(report: CoverageSnapshotReport): string {
  const { day, is_kept, addresses, asn_percent, geo_percent } = report;
  const kept = is_kept ? `Snapshot of ${day} is kept` : `The snapshot of ${day} that is there stays`;
  return `${kept}: ${countOf(addresses, "address")}, ASN ${formatPercent(asn_percent)}, ` +
    `country ${formatPercent(geo_percent)}\n`;
}

import type { CoverageReport, Share } from "@ipcascade/operations";
import { writeCsvCell, writeGuardedCsvCell } from "./csv_cell.ts";

/** The columns, in this order; new ones are only ever added at the end. */
const COLUMNS = ["month", "section", "name", "label", "measure", "value"];

type Value = string | number | boolean | null;
type Line = readonly [section: string, name: string, label: string, measure: string, value: Value];

/**
 * The report as CSV of RFC 4180, one figure a line. A text that a spreadsheet would take for a formula gets an
 * apostrophe before it.
 */
export function renderCoverageCsv(report: CoverageReport): string {
  const lines = listLines(report).map((line) => [report.period.month, ...line]);
  return [COLUMNS, ...lines].map((cells) => `${cells.map(writeCell).join(",")}\r\n`).join("");
}

function listLines(report: CoverageReport): Line[] {
  const { period, basis, denominator, totals, quota, change } = report;
  return [
    ...fieldsOf("period", "", period),
    ...fieldsOf("basis", "", basis),
    ...fieldsOf("denominator", "", denominator),
    ...fieldsOf("totals", "", totals),
    ...(["asn", "geo", "scanners", "riot"] as const).flatMap((name) =>
      share("coverage", name, "", report[name])
    ),
    ...report.asn_sources.flatMap((one) => share("asn_sources", one.source, "", one)),
    ...report.scanner_classes.flatMap((one) => share("scanner_classes", one.class, "", one)),
    ...report.top_countries.flatMap((one) => share("top_countries", one.country, "", one)),
    ...report.top_asns.flatMap((one) => share("top_asns", `AS${one.asn_number}`, one.asn_org ?? "", one)),
    ...Object.entries(report.stale).flatMap(([name, one]) => share("stale", name, "", one)),
    ...fieldsOf("quota", "greynoise", quota),
    ...report.jobs.flatMap(({ job, ...counts }) => fieldsOf("jobs", job, counts)),
    ...(change === null ? [] : fieldsOf("change", "", change)),
    ...report.trend.flatMap(({ day, ...figures }) => fieldsOf("trend", day, figures)),
    ...report.left_out.map(({ day, message }): Line => ["left_out", day, "", "message", message]),
    ...Object.entries(report.countries).map((
      [code, count],
    ): Line => ["countries", code, "", "addresses", count]),
  ];
}

function share(section: string, name: string, label: string, { addresses, percent }: Share): Line[] {
  return [[section, name, label, "addresses", addresses], [section, name, label, "percent", percent]];
}

function fieldsOf(section: string, name: string, fields: object): Line[] {
  return Object.entries(fields).map(([measure, value]): Line => [section, name, "", measure, value as Value]);
}

function writeCell(cell: Value): string {
  return typeof cell === "string" ? writeGuardedCsvCell(cell) : writeCsvCell(cell);
}

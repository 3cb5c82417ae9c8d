import { nounFor } from "./plural.ts";
import type { ScannerClass } from "@ipcascade/core";
import type { CoverageReport, Share } from "@ipcascade/operations";

/** One table of a coverage report. */
export interface CoverageTable {
  /** Short and stable. */
  readonly id:
    | "overview"
    | "sources"
    | "classes"
    | "countries"
    | "asns"
    | "stale"
    | "quota"
    | "jobs"
    | "trend";
  readonly title: string;
  readonly columns: readonly string[];
  /** The first cell of a row names it; the others are figures, unless the table is of texts. */
  readonly rows: readonly (readonly string[])[];
  /** Said in place of a table without rows. */
  readonly empty: string;
}

/** Columns of texts; the others, but the first of a table, are of figures. */
const TEXT_COLUMNS: ReadonlySet<string> = new Set(["Name", "Organisation", "Window (UTC)"]);

/** Tells by its title whether a column is of texts. */
export function isTextColumn(title: string): boolean {
  return TEXT_COLUMNS.has(title);
}

/** What people call GreyNoise's classes. */
export const CLASS_TITLES: Readonly<Record<ScannerClass, string>> = {
  malicious: "Malicious scanner",
  suspicious: "Suspicious scanner",
  benign: "Benign scanner",
  unknown: "Other scanner",
  riot: "Service (RIOT)",
  quiet: "Not seen",
  never_asked: "Never asked",
};

/** What people call who named an ASN. */
export const ASN_SOURCE_TITLES = {
  maxmind: "MaxMind",
  cymru: "Team Cymru",
  unknown: "Not recorded",
} as const;

/** The tables of a report, in the order of the runbook. */
export function listCoverageTables(report: CoverageReport): readonly CoverageTable[] {
  return [
    overviewTable(report),
    sourcesTable(report),
    classesTable(report),
    countriesTable(report),
    asnsTable(report),
    staleTable(report),
    quotaTable(report),
    jobsTable(report),
    trendTable(report),
  ];
}

/** The report's name: `Enrichment coverage, October 2026`. */
export function titleOfReport({ period }: Pick<CoverageReport, "period">): string {
  const [year, month] = period.month.split("-");
  return `Enrichment coverage, ${MONTHS[Number(month) - 1]} ${year}`;
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function describeDenominator({ denominator }: CoverageReport): string {
  const { addresses, definition, excluded } = denominator;
  const others = excluded === 0
    ? ""
    : `; ${countOf(excluded, "row")} of other scopes ${excluded === 1 ? "is" : "are"} not counted`;
  return addresses === 1
    ? `Shares are of 1 address: ${definition}${others}`
    : `Shares are of ${formatCount(addresses)} ${definition}${others}`;
}

/** What is said before the tables, without full stops. */
export function listRemarks(report: CoverageReport): readonly string[] {
  const warnings = report.left_out.map(({ message }) => `Warning: ${message}`);
  return [report.message, describeDenominator(report), ...warnings];
}

/** Digits in groups of three: `12,345`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 address`, `12,345 addresses`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${nounFor(count, noun)}`;
}

/** Two decimals, or `n/a` where there is no whole. */
export function formatPercent(percent: number | null): string {
  return percent === null ? "n/a" : `${percent.toFixed(2)} %`;
}

function formatDelta(delta: number | undefined): string {
  if (delta === undefined) return "n/a";
  return delta > 0 ? `+${formatCount(delta)}` : `${delta < 0 ? "-" : ""}${formatCount(Math.abs(delta))}`;
}

function formatPoints(points: number | null | undefined): string {
  if (points === null || points === undefined) return "n/a";
  return `${points > 0 ? "+" : ""}${points.toFixed(2)}`;
}

function shareCells({ addresses, percent }: Share): string[] {
  return [formatCount(addresses), formatPercent(percent)];
}

function overviewTable(report: CoverageReport): CoverageTable {
  const { denominator, asn, geo, scanners, riot, change } = report;
  const all = { addresses: denominator.addresses, percent: denominator.addresses === 0 ? null : 100 };
  return {
    id: "overview",
    title: change === null ? "Overall coverage" : `Overall coverage, and change since ${change.day}`,
    columns: ["Measure", "Addresses", "Share", "Change", "Points"],
    rows: [
      ["Global addresses", ...shareCells(all), formatDelta(change?.addresses), ""],
      ["With ASN", ...shareCells(asn), formatDelta(change?.with_asn), formatPoints(change?.asn_points)],
      ["With country", ...shareCells(geo), formatDelta(change?.with_geo), formatPoints(change?.geo_points)],
      ["Scanners", ...shareCells(scanners), formatDelta(change?.scanners), ""],
      ["RIOT services", ...shareCells(riot), formatDelta(change?.riot), ""],
    ],
    empty: "",
  };
}

function sourcesTable(report: CoverageReport): CoverageTable {
  return {
    id: "sources",
    title: "Who named the ASN",
    columns: ["Source", "Addresses", "Share of those with ASN"],
    rows: listAsnSources(report).map((one) => [ASN_SOURCE_TITLES[one.source], ...shareCells(one)]),
    empty: "",
  };
}

/** Who named ASNs; rows that do not say it are rare and told only where there are some. */
export function listAsnSources({ asn_sources }: CoverageReport): CoverageReport["asn_sources"] {
  return asn_sources.filter(({ source, addresses }) => source !== "unknown" || addresses > 0);
}

function classesTable({ scanner_classes }: CoverageReport): CoverageTable {
  return {
    id: "classes",
    title: "What GreyNoise says of IPv4 addresses",
    columns: ["Class", "Addresses", "Share of IPv4"],
    rows: scanner_classes.map((one) => [CLASS_TITLES[one.class], ...shareCells(one)]),
    empty: "",
  };
}

function countriesTable({ top_countries, country_count }: CoverageReport): CoverageTable {
  return {
    id: "countries",
    title: `Top countries (of ${country_count})`,
    columns: ["Country", "Name", "Addresses", "Share"],
    rows: top_countries.map((one) => [one.country, nameCountry(one.country), ...shareCells(one)]),
    empty: "No address has a country",
  };
}

/** A country's name in English; the code itself where it is none. */
export function nameCountry(code: string): string {
  try {
    // Made when it is asked: the engine's first takes 20 to 40 ms to load, those after it 0.02.
    return new Intl.DisplayNames("en", { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

function asnsTable({ top_asns, asn_count }: CoverageReport): CoverageTable {
  return {
    id: "asns",
    title: `Top autonomous systems (of ${formatCount(asn_count)})`,
    columns: ["ASN", "Organisation", "Addresses", "Share"],
    rows: top_asns.map((one) => [`AS${one.asn_number}`, one.asn_org ?? "", ...shareCells(one)]),
    empty: "No address has an ASN",
  };
}

function staleTable({ stale }: CoverageReport): CoverageTable {
  return {
    id: "stale",
    title: "Stale and missing answers",
    columns: ["Answer", "Addresses", "Share"],
    rows: [
      ["Team Cymru, older than 90 days", ...shareCells(stale.cymru)],
      ["GreyNoise, older than 7 days (of IPv4)", ...shareCells(stale.greynoise)],
      ["MaxMind and Team Cymru never answered", ...shareCells(stale.never_enriched)],
      ["GreyNoise never answered (of IPv4)", ...shareCells(stale.never_asked_greynoise)],
    ],
    empty: "",
  };
}

function quotaTable({ quota }: CoverageReport): CoverageTable {
  return {
    id: "quota",
    title: "GreyNoise quota at that moment",
    columns: ["Limit", "Used", "Share", "Left", "Window (UTC)"],
    rows: [[
      `${formatCount(quota.limit)}/${quota.period}`,
      formatCount(quota.used),
      formatPercent(quota.used_percent),
      formatCount(quota.remaining),
      `${quota.window_starts_at.slice(0, 10)} to ${quota.resets_at.slice(0, 10)}`,
    ]],
    empty: "",
  };
}

function jobsTable({ jobs }: CoverageReport): CoverageTable {
  return {
    id: "jobs",
    title: "Job runs of the month",
    columns: ["Job", "Runs", "Succeeded", "Partly failed", "Failed", "Stopped", "Skipped", "Unfinished"],
    rows: jobs.map((one) => [
      one.job,
      ...[one.runs, one.succeeded, one.partly_failed, one.failed, one.stopped, one.skipped, one.unfinished]
        .map(
          formatCount,
        ),
    ]),
    empty: "No job ran",
  };
}

function trendTable({ trend }: CoverageReport): CoverageTable {
  return {
    id: "trend",
    title: "Day by day",
    columns: ["Day", "Addresses", "With ASN", "With country", "Scanners", "RIOT", "Quota used"],
    rows: trend.map((one) => [
      one.day,
      formatCount(one.addresses),
      formatPercent(one.asn_percent),
      formatPercent(one.geo_percent),
      formatCount(one.scanners),
      formatCount(one.riot),
      formatCount(one.quota_used),
    ]),
    empty: "",
  };
}

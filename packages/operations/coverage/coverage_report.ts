import type { JobName, JobOutcome, QuotaOrigin, QuotaPeriod, ScannerClass } from "@ipcascade/core";

/** The month that a report is about. Instants are RFC 3339 UTC. */
export interface ReportPeriod {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly starts_at: string;
  /** Exclusive. */
  readonly ends_at: string;
  /** False for the present month, which is reported to date. */
  readonly is_complete: boolean;
}

/** What a report's figures are from. */
export interface ReportBasis {
  /** A kept snapshot, or the inventory as it is now. */
  readonly kind: "snapshot" | "measurement";
  /** The day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** RFC 3339 UTC. */
  readonly measured_at: string;
  /** True when it is of the month's last day. */
  readonly is_last_day: boolean;
}

/** A number of addresses and what part that is, in percent with two decimals; null where there is no whole. */
export interface Share {
  readonly addresses: number;
  readonly percent: number | null;
}

/** What every share of coverage is a part of. */
export interface ReportDenominator {
  readonly addresses: number;
  readonly definition: string;
  /** Rows of the inventory that are not counted. */
  readonly excluded: number;
}

/** Job runs of the month by how they ended within it. */
export interface JobOutcomes extends Readonly<Record<Exclude<JobOutcome, "lost">, number>> {
  readonly job: JobName;
  readonly runs: number;
  /** Had not ended by the end of the period: under way, killed, or ended later. */
  readonly unfinished: number;
}

/** One day of the trend. */
export interface TrendDay {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly addresses: number;
  readonly asn_percent: number | null;
  readonly geo_percent: number | null;
  readonly scanners: number;
  readonly riot: number;
  /** Requests to GreyNoise in the quota's window of that moment. */
  readonly quota_used: number;
}

/** What changed since the month before: later minus earlier. */
export interface ReportChange {
  /** The month before, `YYYY-MM`. */
  readonly month: string;
  /** The day of its last snapshot. */
  readonly day: string;
  readonly addresses: number;
  readonly with_asn: number;
  readonly with_geo: number;
  readonly scanners: number;
  readonly riot: number;
  /** Percentage points; null where one of the shares is not known. */
  readonly asn_points: number | null;
  /** Percentage points; null where one of the shares is not known. */
  readonly geo_points: number | null;
}

/** GreyNoise's quota at the moment of the figures. Instants are RFC 3339 UTC. */
export interface ReportQuota {
  readonly limit: number;
  readonly period: QuotaPeriod;
  readonly origin: QuotaOrigin;
  readonly used: number;
  readonly remaining: number;
  readonly used_percent: number | null;
  readonly window_starts_at: string;
  readonly resets_at: string;
}

/** The figures of one moment. Percent are of the denominator unless told otherwise. */
export interface ReportFigures {
  readonly denominator: ReportDenominator;
  /** Rows of the inventory, and addresses of global scope by family. */
  readonly totals: { readonly rows: number; readonly ipv4: number; readonly ipv6: number };
  readonly asn: Share;
  readonly geo: Share;
  readonly scanners: Share;
  readonly riot: Share;
  /** Percent are of the addresses with an ASN. */
  readonly asn_sources: readonly (Share & { readonly source: "maxmind" | "cymru" | "unknown" })[];
  /** Percent are of the IPv4 addresses. */
  readonly scanner_classes: readonly (Share & { readonly class: ScannerClass })[];
  /** How many countries there are. */
  readonly country_count: number;
  readonly top_countries: readonly (Share & { readonly country: string })[];
  /** Addresses of every country by its ISO alpha-2 code. */
  readonly countries: Readonly<Record<string, number>>;
  /** How many autonomous systems there are. */
  readonly asn_count: number;
  readonly top_asns: readonly (Share & { readonly asn_number: number; readonly asn_org: string | null })[];
  /** Answers that are too old, or missing; percent are of the IPv4 addresses where it is about GreyNoise. */
  readonly stale: {
    readonly cymru: Share;
    readonly greynoise: Share;
    readonly never_enriched: Share;
    readonly never_asked_greynoise: Share;
  };
}

/** A snapshot that the report could not use. */
export interface LeftOutSnapshot {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** Why, and what to do. */
  readonly message: string;
}

/** The report on a month (runbook: Enrichment Coverage Report). */
export interface CoverageReport extends ReportFigures {
  readonly operation: "report-coverage";
  readonly status: "done";
  /** What the figures are from, in one sentence. */
  readonly message: string;
  readonly period: ReportPeriod;
  readonly basis: ReportBasis;
  readonly quota: ReportQuota;
  /** Jobs that ran in the period, in the order of the catalogue. */
  readonly jobs: readonly JobOutcomes[];
  /** Null when the month before has no snapshot. */
  readonly change: ReportChange | null;
  /** The days with a snapshot, the oldest first. */
  readonly trend: readonly TrendDay[];
  /** Snapshots of the month and the one before that can't be read, the oldest first. */
  readonly left_out: readonly LeftOutSnapshot[];
}

/** Said instead of a report on a past month that has no snapshot. */
export interface NoCoverageReport {
  readonly operation: "report-coverage";
  readonly status: "no_data";
  /** Why, and what can be reported. */
  readonly message: string;
  readonly period: ReportPeriod;
  /** Snapshots of the month that can't be read. */
  readonly left_out: readonly LeftOutSnapshot[];
}

import type { QuotaOrigin, QuotaPeriod } from "./quota_ledger.ts";

/**
 * What GreyNoise says of an IPv4 address, one of these: seen scanning (with its classification), known as a service
 * of everyday business (RIOT) and not seen scanning, neither of both, or never asked.
 */
export const SCANNER_CLASSES = [
  "malicious",
  "suspicious",
  "benign",
  "unknown",
  "riot",
  "quiet",
  "never_asked",
] as const;

/** One of `SCANNER_CLASSES`. */
export type ScannerClass = (typeof SCANNER_CLASSES)[number];

/** How many addresses are in a country. */
export interface CountryCount {
  /** ISO alpha-2. */
  readonly country: string;
  readonly addresses: number;
}

/** How many addresses belong to an autonomous system. */
export interface AsnCount {
  readonly number: number;
  /** One name, whatever the rows say; null where none is known. */
  readonly org: string | null;
  readonly addresses: number;
}

/**
 * What the inventory knows at one moment. All counts but `rows` are of addresses of global scope: the sources answer
 * about no other.
 */
export interface CoverageFigures {
  /** Rows of the inventory, whatever their scope. */
  readonly rows: number;
  /** Addresses of global scope: the denominator of every share of coverage. */
  readonly addresses: number;
  /** Of these the IPv4 ones, the only ones that GreyNoise knows. */
  readonly ipv4: number;
  readonly withAsn: number;
  readonly withCountry: number;
  /** Addresses with an ASN by who named it; `unknown` where the row does not say. */
  readonly asnSources: Readonly<Record<"maxmind" | "cymru" | "unknown", number>>;
  readonly scanners: number;
  /** Known services of everyday business, also those that were seen scanning. */
  readonly riot: number;
  /** The IPv4 addresses by class; they add up to `ipv4`. */
  readonly classes: Readonly<Record<ScannerClass, number>>;
  /** Every country, the one with most addresses first. */
  readonly countries: readonly CountryCount[];
  /** How many autonomous systems there are. */
  readonly asns: number;
  /** The ten with most addresses. */
  readonly topAsns: readonly AsnCount[];
  readonly stale: StaleCounts;
}

/** Answers that are too old (runbook: Morning Health Check), or missing. */
export interface StaleCounts {
  /** Team Cymru's word counts and is older than 90 days. */
  readonly cymru: number;
  /** GreyNoise answered, more than 7 days ago. */
  readonly greynoise: number;
  /** Neither MaxMind nor Team Cymru ever answered. */
  readonly neverEnriched: number;
  /** IPv4 addresses about which GreyNoise never answered. */
  readonly neverAskedGreynoise: number;
}

/** GreyNoise's quota at the moment of a snapshot. Instants are milliseconds since 1970 UTC. */
export interface CoverageQuota {
  readonly limit: number;
  readonly period: QuotaPeriod;
  readonly origin: QuotaOrigin;
  readonly used: number;
  readonly remaining: number;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** What was measured on one day, the last time that day. */
export interface CoverageSnapshot {
  /** The day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** Milliseconds since 1970 UTC. */
  readonly measuredAt: number;
  readonly figures: CoverageFigures;
  readonly quota: CoverageQuota;
}

/** A snapshot of a version that is not known, or damaged. */
export interface UnreadableSnapshot {
  /** The day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** For people. */
  readonly reason: string;
}

/** Days from `since` to before `before`, both `YYYY-MM-DD`. */
export interface DayRange {
  /** From the first there is where it is absent. */
  readonly since?: string;
  readonly before: string;
}

/** Measures the inventory and keeps a snapshot for each day. Methods throw `StoreError`. */
export interface CoverageStore {
  /** One pass over the inventory. */
  measure(now: number): Promise<CoverageFigures>;
  /**
   * Keeps a snapshot, in place of an older one of the same day while that day lasts. A past day's snapshot is never
   * changed. False when the one that is there stays.
   */
  write(snapshot: CoverageSnapshot, now: number): Promise<boolean>;
  /** The newest of these days that can be read; null when there is none. */
  findLatest(days: DayRange): Promise<CoverageSnapshot | null>;
  /** One a day, the oldest first; without those that can't be read. */
  list(days: DayRange): Promise<readonly CoverageSnapshot[]>;
  /** Those that `list` leaves out. */
  listUnreadable(days: DayRange): Promise<readonly UnreadableSnapshot[]>;
}

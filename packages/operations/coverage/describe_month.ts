import {
  type CoverageSnapshot,
  formatInstant,
  JOB_NAMES,
  type JobOutcomeCount,
  type Month,
  percentOf,
  pointsBetween,
  type UnreadableSnapshot,
} from "@ipcascade/core";
import type {
  JobOutcomes,
  LeftOutSnapshot,
  ReportChange,
  ReportPeriod,
  ReportQuota,
  TrendDay,
} from "./coverage_report.ts";

/** A month for a report. */
export function describePeriod({ name, startsAt, endsAt }: Month, now: number): ReportPeriod {
  return {
    month: name,
    starts_at: formatInstant(startsAt),
    ends_at: formatInstant(endsAt),
    is_complete: endsAt <= now,
  };
}

/** The quota at the moment of a snapshot. */
export function describeSnapshotQuota({ quota }: CoverageSnapshot): ReportQuota {
  const { limit, period, origin, used, remaining, startsAt, endsAt } = quota;
  return {
    limit,
    period,
    origin,
    used,
    remaining,
    used_percent: percentOf(used, limit),
    window_starts_at: formatInstant(startsAt),
    resets_at: formatInstant(endsAt),
  };
}

/** A snapshot as a day of the trend. */
export function describeDay({ day, figures, quota }: CoverageSnapshot): TrendDay {
  const { addresses, withAsn, withCountry, scanners, riot } = figures;
  return {
    day,
    addresses,
    asn_percent: percentOf(withAsn, addresses),
    geo_percent: percentOf(withCountry, addresses),
    scanners,
    riot,
    quota_used: quota.used,
  };
}

/** What changed from one snapshot to a later one. */
export function describeChange(
  month: string,
  before: CoverageSnapshot,
  after: CoverageSnapshot,
): ReportChange {
  const [from, to] = [before.figures, after.figures];
  return {
    month,
    day: before.day,
    addresses: to.addresses - from.addresses,
    with_asn: to.withAsn - from.withAsn,
    with_geo: to.withCountry - from.withCountry,
    scanners: to.scanners - from.scanners,
    riot: to.riot - from.riot,
    asn_points: pointsBetween(percentOf(from.withAsn, from.addresses), percentOf(to.withAsn, to.addresses)),
    geo_points: pointsBetween(
      percentOf(from.withCountry, from.addresses),
      percentOf(to.withCountry, to.addresses),
    ),
  };
}

/** Snapshots that can't be read, and what to do about it. */
export function describeLeftOut(snapshots: readonly UnreadableSnapshot[]): readonly LeftOutSnapshot[] {
  return snapshots.map(({ day, reason }) => ({
    day,
    message: `The snapshot of ${day} is left out: ${reason}. ` +
      `Update ipcascade where a newer one wrote it, or else restore or delete its row of coverage_snapshot`,
  }));
}

/** One entry for each job that ran. */
export function describeOutcomes(counts: readonly JobOutcomeCount[]): readonly JobOutcomes[] {
  return JOB_NAMES.flatMap((job) => {
    const own = counts.filter((count) => count.job === job);
    if (own.length === 0) return [];
    const runsOf = (outcome: JobOutcomeCount["outcome"]) =>
      own.find((count) => count.outcome === outcome)?.runs ?? 0;
    return [{
      job,
      runs: own.reduce((sum, { runs }) => sum + runs, 0),
      succeeded: runsOf("succeeded"),
      partly_failed: runsOf("partly_failed"),
      failed: runsOf("failed"),
      stopped: runsOf("stopped"),
      skipped: runsOf("skipped"),
      unfinished: runsOf(null) + runsOf("lost"),
    }];
  });
}

import { dayOf, formatInstant, MS_PER_DAY } from "@ipcascade/core";
import type { LeftOutSnapshot, ReportFigures, TrendDay } from "./coverage_report.ts";
import type { CoverageDeps } from "./deps.ts";
import { describeFigures } from "./describe_figures.ts";
import { describeDay, describeLeftOut } from "./describe_month.ts";

/** The newest snapshot. Instants are RFC 3339 UTC. */
export interface NewestCoverage extends ReportFigures {
  /** The day in UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly measured_at: string;
}

/** The report on kept snapshots. */
export interface CoverageListReport {
  readonly operation: "list-coverage";
  /** The first and the last day that were looked at, `YYYY-MM-DD`. */
  readonly since: string;
  readonly until: string;
  /** The newest that can be read, whatever its day; null where there is none. */
  readonly newest: NewestCoverage | null;
  /** The days with a snapshot, the oldest first. */
  readonly trend: readonly TrendDay[];
  /** Snapshots of these days that can't be read, the oldest first. */
  readonly left_out: readonly LeftOutSnapshot[];
}

/** Which snapshots are listed. */
export interface CoverageListOptions {
  /** So many days up to the present one. */
  readonly days: number;
}

/** Lists kept snapshots. Nothing is measured, so that it costs the same on any inventory. Throws `StoreError`. */
export async function listCoverage(
  { coverage, clock }: Pick<CoverageDeps, "coverage" | "clock">,
  { days }: CoverageListOptions,
): Promise<CoverageListReport> {
  const now = clock.now();
  const before = dayOf(now + MS_PER_DAY);
  const range = { since: dayOf(now - (days - 1) * MS_PER_DAY), before };
  const [newest, kept, unreadable] = [
    await coverage.findLatest({ before }),
    await coverage.list(range),
    await coverage.listUnreadable(range),
  ];
  return {
    operation: "list-coverage",
    since: range.since,
    until: dayOf(now),
    newest: newest === null ? null : {
      day: newest.day,
      measured_at: formatInstant(newest.measuredAt),
      ...describeFigures(newest.figures),
    },
    trend: kept.map(describeDay),
    left_out: describeLeftOut(unreadable),
  };
}

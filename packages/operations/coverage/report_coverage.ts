import {
  type CoverageSnapshot,
  dayOf,
  type DayRange,
  formatInstant,
  formatMinute,
  type Month,
  monthBefore,
  monthOf,
  parseMonth,
  UsageError,
} from "@ipcascade/core";
import type { CoverageReport, NoCoverageReport, ReportBasis } from "./coverage_report.ts";
import type { CoverageDeps } from "./deps.ts";
import { describeFigures } from "./describe_figures.ts";
import {
  describeChange,
  describeDay,
  describeLeftOut,
  describeOutcomes,
  describePeriod,
  describeSnapshotQuota,
} from "./describe_month.ts";
import { measureCoverage } from "./measure_coverage.ts";

/** Which month is reported. */
export interface CoverageReportOptions {
  /** `YYYY-MM`. Without it: the newest complete month with a snapshot, or else the present month. */
  readonly month?: string;
  /**
   * When whoever asks began, in milliseconds since 1970 UTC: a report on the present month counts the jobs that started
   * before, so that it does not count itself.
   */
  readonly startedAt?: number;
}

/**
 * Reports a month (runbook: Enrichment Coverage Report): a past one from its last snapshot, so that it always reads the
 * same, the present one to date from a fresh measurement. Throws `UsageError` for what is no month or one to come,
 * `StoreError` when the database fails.
 */
export async function reportCoverage(
  deps: CoverageDeps,
  options: CoverageReportOptions = {},
): Promise<CoverageReport | NoCoverageReport> {
  const now = deps.clock.now();
  const present = monthOf(now);
  const month = options.month === undefined ? await findMonth(deps, present) : parseMonth(options.month);
  if (month.startsAt > present.startsAt) {
    throw new UsageError(
      `Cannot report "${month.name}": it is to come, allowed are months up to ${present.name}`,
    );
  }
  const isPresent = month.name === present.name;
  const snapshot = isPresent
    ? await measureCoverage(deps, now)
    : await deps.coverage.findLatest(daysOf(month));
  if (snapshot === null) return await reportNothing(deps, month, now);
  // Who names no month would not learn that a newer one has nothing that can be read.
  const told = options.month === undefined ? Math.max(month.endsAt, present.startsAt) : month.endsAt;
  const jobsUntil = isPresent ? options.startedAt ?? month.endsAt : month.endsAt;
  return await describeMonth(deps, { month, snapshot, now, told, jobsUntil });
}

/** The month that the timer reports on its day: the one before the present (runbook: `1 month ago`). */
export function lastMonth(now: number): string {
  return monthBefore(monthOf(now)).name;
}

async function findMonth({ coverage }: CoverageDeps, present: Month): Promise<Month> {
  const newest = await coverage.findLatest({ before: dayOf(present.startsAt) });
  return newest === null ? present : parseMonth(newest.day.slice(0, 7));
}

function daysOf({ startsAt, endsAt }: Month): DayRange {
  return { since: dayOf(startsAt), before: dayOf(endsAt) };
}

async function reportNothing(
  { coverage }: CoverageDeps,
  month: Month,
  now: number,
): Promise<NoCoverageReport> {
  const newest = await coverage.findLatest({ before: dayOf(monthOf(now).startsAt) });
  const leftOut = describeLeftOut(await coverage.listUnreadable(daysOf(month)));
  const known = newest === null
    ? "no complete month has one"
    : `the newest complete month with one is ${newest.day.slice(0, 7)}`;
  const why = leftOut.length === 0
    ? `no snapshot was taken in it; ${known}. "ipcascade report snapshot" takes one a day, when it is run daily`
    : `none of its snapshots can be read; ${known}. ${leftOut.at(-1)!.message}`;
  return {
    operation: "report-coverage",
    status: "no_data",
    message: `Cannot report "${month.name}": ${why}`,
    period: describePeriod(month, now),
    left_out: leftOut,
  };
}

interface MonthState {
  readonly month: Month;
  readonly snapshot: CoverageSnapshot;
  readonly now: number;
  /** Until when snapshots that can't be read are told. */
  readonly told: number;
  /** Until when job runs are counted. */
  readonly jobsUntil: number;
}

async function describeMonth(deps: CoverageDeps, state: MonthState): Promise<CoverageReport> {
  const { month, snapshot, now, told, jobsUntil } = state;
  const before = monthBefore(month);
  const [outcomes, earlier, days, unreadable] = [
    await deps.jobRuns.countOutcomes({ since: month.startsAt, until: jobsUntil }),
    await deps.coverage.findLatest(daysOf(before)),
    await deps.coverage.list(daysOf(month)),
    await deps.coverage.listUnreadable({ since: dayOf(before.startsAt), before: dayOf(told) }),
  ];
  const period = describePeriod(month, now);
  const basis = describeBasis(state);
  return {
    operation: "report-coverage",
    status: "done",
    message: describeMessage(period.is_complete, basis),
    period,
    basis,
    ...describeFigures(snapshot.figures),
    quota: describeSnapshotQuota(snapshot),
    jobs: describeOutcomes(outcomes),
    change: earlier === null ? null : describeChange(before.name, earlier, snapshot),
    // The present day's snapshot is older than what is reported.
    trend: [...days.filter(({ day }) => day < snapshot.day), snapshot].map(describeDay),
    left_out: describeLeftOut(unreadable),
  };
}

function describeBasis({ month, snapshot, now }: MonthState): ReportBasis {
  return {
    kind: month.endsAt <= now ? "snapshot" : "measurement",
    day: snapshot.day,
    measured_at: formatInstant(snapshot.measuredAt),
    is_last_day: snapshot.day === dayOf(month.endsAt - 1),
  };
}

function describeMessage(isComplete: boolean, { day, measured_at, is_last_day }: ReportBasis): string {
  const at = formatMinute(measured_at);
  if (!isComplete) return `The month to date, measured ${at}`;
  if (is_last_day) return `From the snapshot of the month's last day, taken ${at}`;
  return `From the month's last snapshot, that of ${day}, taken ${at}: later days have none to report from`;
}

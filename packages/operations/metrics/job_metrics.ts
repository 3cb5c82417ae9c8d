import {
  type HealthCheck,
  type JobRun,
  type JobRunState,
  jobRunState,
  type LatestRuns,
  type ScalarMetric,
  type SchedulerFinding,
} from "@ipcascade/core";
import { gauge, gauges, GRADE_WORDS, gradeNumber, sampleEach, seconds } from "./gauge.ts";

const STATES: readonly JobRunState[] = [
  "succeeded",
  "partly_failed",
  "failed",
  "stopped",
  "skipped",
  "running",
  "lost",
];

/** Of the jobs as health sees them: those that should have begun and did not. */
const LATE_STATES: ReadonlySet<unknown> = new Set(["late", "never_ran"]);

/** The jobs as they are recorded, and as health sees them. */
export interface JobFigures {
  readonly latest: readonly LatestRuns[];
  /** By job; `observed` is the state. */
  readonly checks: readonly { readonly job: string; readonly check: HealthCheck }[];
  /** Null where nothing is known. */
  readonly scheduler: SchedulerFigures | null;
}

/** Whoever starts the jobs. */
export interface SchedulerFigures {
  /** When one was last at work, in milliseconds since 1970 UTC; null when none ever was. */
  readonly seenAt: number | null;
  readonly state: SchedulerFinding["state"];
}

/** Prometheus gives "job" to what it scrapes. */
const label = ({ job }: { readonly job: string }) => ({ job_name: job });

/** How the jobs stand. */
export function describeJobs(figures: JobFigures | null, now: number): readonly ScalarMetric[] {
  const { latest = [], checks = [] } = figures ?? {};
  return [
    gauges(
      "job_last_start_timestamp_seconds",
      "When the job's last run began.",
      sampleEach(latest, label, (one) => seconds(one.latest.startedAt)),
    ),
    gauges(
      "job_last_success_timestamp_seconds",
      "When the job's last run that succeeded ended.",
      sampleEach(latest, label, ({ latestSuccess }) => endOf(latestSuccess)),
    ),
    gauges(
      "job_last_duration_seconds",
      "How long the job's last run took; nothing while it runs.",
      sampleEach(latest, label, (one) => durationOf(one.latest)),
    ),
    gauges(
      "job_last_outcome",
      "1 for how the job's last run ended, 0 for the others.",
      latest.flatMap((one) => {
        const state = jobRunState(one.latest, now);
        return STATES.map((outcome) => ({
          labels: { job_name: one.job, outcome },
          value: outcome === state ? 1 : 0,
        }));
      }),
    ),
    gauges(
      "job_last_items",
      "What the job's last run counted.",
      latest.flatMap((one) =>
        Object.entries(one.latest.counts).map(([item, value]) => ({
          labels: { job_name: one.job, item },
          value,
        }))
      ),
    ),
    ...describeTicks(latest, checks),
  ];
}

/** What became of the ticks of their schedules. */
function describeTicks(latest: JobFigures["latest"], checks: JobFigures["checks"]): readonly ScalarMetric[] {
  return [
    gauges(
      "job_late",
      "1 when the job should have begun an hour ago by its schedule, and did not.",
      sampleEach(checks, label, ({ check }) => LATE_STATES.has(check.observed) ? 1 : 0),
    ),
    gauges(
      "job_last_tick_timestamp_seconds",
      "The tick of its schedule that the job's last run was for; nothing where it was started otherwise.",
      sampleEach(latest, label, ({ latest: { tickAt } }) => tickAt === null ? null : seconds(tickAt)),
    ),
    gauges(
      "job_last_attempt",
      "Which try of its tick the job's last run was.",
      sampleEach(latest, label, (one) => one.latest.attempt),
    ),
    gauges(
      "job_missed",
      "1 when the job's last tick was not run, and it is too late for it.",
      sampleEach(checks, label, ({ check }) => check.observed === "missed" ? 1 : 0),
    ),
    gauges(
      "job_retrying",
      "1 when the job's last run failed or was lost, and another try of its tick is about to follow.",
      sampleEach(checks, label, ({ check }) => check.observed === "retrying" ? 1 : 0),
    ),
    gauges(
      "job_grade",
      `How the job stands: ${GRADE_WORDS}.`,
      sampleEach(checks, label, ({ check }) => gradeNumber(check.grade)),
    ),
  ];
}

/** Whether somebody starts the jobs. */
export function describeSchedulers(figures: SchedulerFigures | null): readonly ScalarMetric[] {
  return [
    gauge(
      "scheduler_last_seen_timestamp_seconds",
      "When a scheduler was last at work; nothing when none ever was.",
      figures === null || figures.seenAt === null ? null : seconds(figures.seenAt),
    ),
    gauge(
      "scheduler_gone",
      "1 when a scheduler was at work, is not seen any more, and nothing began what was due since.",
      figures === null ? null : figures.state === "gone" ? 1 : 0,
    ),
  ];
}

function endOf(run: JobRun | null): number | null {
  return run === null ? null : seconds(run.endedAt ?? run.seenAt);
}

function durationOf({ startedAt, endedAt }: JobRun): number | null {
  return endedAt === null ? null : seconds(Math.max(0, endedAt - startedAt));
}

import {
  type HealthCheck,
  type JobRun,
  type JobRunState,
  jobRunState,
  type LatestRuns,
  type ScalarMetric,
} from "@ipcascade/core";
import { gauges, GRADE_WORDS, gradeNumber, sampleEach, seconds } from "./gauge.ts";

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
}

/** How the jobs stand. */
export function describeJobs(figures: JobFigures | null, now: number): readonly ScalarMetric[] {
  const { latest = [], checks = [] } = figures ?? {};
  // Prometheus gives "job" to what it scrapes.
  const label = ({ job }: { readonly job: string }) => ({ job_name: job });
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
    gauges(
      "job_late",
      "1 when the job should have begun an hour ago by its schedule, and did not.",
      sampleEach(checks, label, ({ check }) => LATE_STATES.has(check.observed) ? 1 : 0),
    ),
    gauges(
      "job_grade",
      `How the job stands: ${GRADE_WORDS}.`,
      sampleEach(checks, label, ({ check }) => gradeNumber(check.grade)),
    ),
  ];
}

function endOf(run: JobRun | null): number | null {
  return run === null ? null : seconds(run.endedAt ?? run.seenAt);
}

function durationOf({ startedAt, endedAt }: JobRun): number | null {
  return endedAt === null ? null : seconds(Math.max(0, endedAt - startedAt));
}

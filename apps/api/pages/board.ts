import { MS_PER_SECOND } from "@ipcascade/core";
import type {
  AlertList,
  CoverageListReport,
  EditionStatusReport,
  HealthReport,
  JobHistoryReport,
  JobListReport,
  Operations,
  QuotaReport,
  SourceActivityReport,
} from "@ipcascade/operations";
import { createReading, type Reading } from "./reading.ts";

/** Everything on the dashboard at one moment. */
export interface BoardState {
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly health: Reading<HealthReport>;
  readonly editions: Reading<EditionStatusReport>;
  readonly quota: Reading<QuotaReport>;
  readonly coverage: Reading<CoverageListReport>;
  readonly sources: Reading<SourceActivityReport>;
  readonly jobs: Reading<JobListReport>;
  readonly runs: Reading<JobHistoryReport>;
  readonly alerts: Reading<AlertList>;
}

/** What the pages read, for all who look at them together. */
export interface Board {
  /** Never throws, and takes as long as a page waits at most. */
  read(): Promise<BoardState>;
  readonly coverage: { read(): Promise<Reading<CoverageListReport>> };
  /** Jobs are read anew the next time. */
  forgetJobs(): void;
}

/** Health looks at everything, and at files; the others are a few rows each. */
const HEALTH_MS = 30 * MS_PER_SECOND;
const ROWS_MS = 5 * MS_PER_SECOND;
/** A month of documents. */
const COVERAGE_MS = 15 * MS_PER_SECOND;
/** Days of the trend, and runs of the history. */
const [DAYS, RUNS] = [30, 20];

/** Prepares what the pages read; nothing is read yet. */
export function createBoard(operations: Operations): Board {
  const { clock, log } = operations;
  const reading = <T>(read: () => Promise<T>, freshMs = ROWS_MS) =>
    createReading(read, { clock, log, freshMs });
  const health = reading(() => operations.checkHealth(), HEALTH_MS);
  const editions = reading(() => operations.readEditionStatus(), HEALTH_MS);
  const quota = reading(() => operations.checkQuota());
  const coverage = reading(() => operations.listCoverage({ days: DAYS }), COVERAGE_MS);
  const sources = reading(() => operations.readSourceActivity(), HEALTH_MS);
  const jobs = reading(() => operations.listJobs());
  const runs = reading(() => operations.listJobRuns({ limit: RUNS }));
  const alerts = reading(() => operations.listAlerts());
  return {
    coverage,
    forgetJobs: () => [jobs, runs].forEach((one) => one.forget()),
    read: async () => {
      const parts = await settle({
        health: health.read(),
        editions: editions.read(),
        quota: quota.read(),
        coverage: coverage.read(),
        sources: sources.read(),
        jobs: jobs.read(),
        runs: runs.read(),
        alerts: alerts.read(),
      });
      return { now: clock.now(), ...parts };
    },
  };
}

type Settled<T> = { readonly [Key in keyof T]: Awaited<T[Key]> };

/** Waits for all of them at once. */
async function settle<T extends Readonly<Record<string, Promise<unknown>>>>(parts: T): Promise<Settled<T>> {
  const entries = Object.entries(parts).map(async ([name, part]) => [name, await part] as const);
  return Object.fromEntries(await Promise.all(entries)) as Settled<T>;
}

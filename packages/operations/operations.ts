import type {
  Clock,
  Grade,
  JobFinding,
  JobName,
  Log,
  MaxmindSource,
  OutputRecord,
  SchedulerFinding,
} from "@ipcascade/core";
import type { AlertList } from "./alerts/mod.ts";
import type {
  CoverageListOptions,
  CoverageListReport,
  CoverageReport,
  NoCoverageReport,
} from "./coverage/mod.ts";
import type { Diagnosis, DiagnosisTopic, SourceActivityReport } from "./diagnose/mod.ts";
import type { EditionStatusReport } from "./editions/mod.ts";
import type { EnrichOptions, EnrichRun } from "./enrich_many.ts";
import type { HealthReport } from "./health/mod.ts";
import type { InputItem } from "./inputs.ts";
import type { JobHistoryReport, ListedRun } from "./list_job_runs.ts";
import type { LookUpOptions } from "./look_up.ts";
import type { MetricsReport } from "./metrics/mod.ts";
import type { QuotaReport, SetQuotaOptions, SetQuotaReport } from "./quota/mod.ts";

/** The installed editions, and what has to be shown wherever their results are shown. */
export interface ServedMaxmind extends MaxmindSource {
  readonly attributions: readonly string[];
}

/** Asking about addresses. */
export interface AddressOperations {
  readonly maxmind: ServedMaxmind;
  /** Runs inputs through the whole cascade; its stream throws `StoreError` when the database fails. */
  enrich(inputs: AsyncIterable<readonly InputItem[]>, options?: EnrichOptions): EnrichRun;
  /** Asks the inventory for next to nothing before much is begun. Throws `StoreError` when the database fails. */
  checkInventory(): Promise<void>;
  /** Looks inputs up in the installed editions alone. */
  lookUp(inputs: AsyncIterable<readonly InputItem[]>, options?: LookUpOptions): EnrichRun;
  /** Looks one text up in the installed editions, at once. Of a block it gives the first address. */
  lookUpOne(text: string): OutputRecord;
}

/** Whether requests can be served now. */
export interface Readiness {
  readonly operation: "check-readiness";
  readonly is_ready: boolean;
  /** What is not there, each in one sentence; empty when it is ready. */
  readonly missing: readonly string[];
}

/** What is reported on. Every operation throws `StoreError` when the database fails, unless it says otherwise. */
export interface ReportOperations {
  /** Never throws; ends within its time. */
  checkHealth(): Promise<HealthReport>;
  /** Asks the database for one row, within a second. Never throws. */
  checkReadiness(): Promise<Readiness>;
  /** Never throws for a ledger that can't be read: the report says so. */
  checkQuota(): Promise<QuotaReport>;
  setQuota(options: SetQuotaOptions): Promise<SetQuotaReport>;
  readEditionStatus(): Promise<EditionStatusReport>;
  /** `month` is `YYYY-MM`; absent is the newest complete one that is known. Throws `UsageError` for others. */
  reportCoverage(options: { readonly month?: string }): Promise<CoverageReport | NoCoverageReport>;
  /** Kept snapshots; nothing is measured. */
  listCoverage(options: CoverageListOptions): Promise<CoverageListReport>;
  /** What was asked of the sources in the last day. */
  readSourceActivity(): Promise<SourceActivityReport>;
  /** Never throws for what it finds. */
  diagnose(topic: DiagnosisTopic, options: { readonly signal?: AbortSignal }): Promise<Diagnosis>;
  listAlerts(): Promise<AlertList>;
}

/** One job of the catalogue as reports show it. Instants are RFC 3339 UTC. */
export interface ListedJob {
  readonly name: JobName;
  /** The cron line in UTC; null is off. */
  readonly schedule: string | null;
  /** When it ticks next; null when it is off. */
  readonly next_at: string | null;
  /** How it stands, as health sees it. */
  readonly grade: Grade;
  readonly state: JobFinding["state"];
  readonly message: string;
  /** Null when it never ran. */
  readonly last_run: ListedRun | null;
  readonly last_success_at: string | null;
}

/** Whoever starts the jobs by their schedules, as health sees it. */
export interface ListedScheduler {
  readonly grade: SchedulerFinding["grade"];
  readonly state: SchedulerFinding["state"];
  readonly message: string;
  /** When one was last at work, RFC 3339 UTC, and which; null when none ever was. */
  readonly seen_at: string | null;
  readonly seen_by: string | null;
}

/** The report on the catalogue. */
export interface JobListReport {
  readonly operation: "list-jobs";
  readonly jobs: readonly ListedJob[];
  readonly scheduler: ListedScheduler;
}

/** A run that is asked for. */
export interface JobOrder {
  readonly job: JobName;
  /** Who asks and where, for people. */
  readonly actor: string;
  /** The same key never starts a second run: it gives the first one. */
  readonly key?: string;
  /**
   * Aborts when nobody waits for the answer any more: a run that is not begun by then never is, and one whose
   * beginning was on its way to the database ends at once as stopped.
   */
  readonly signal?: AbortSignal;
}

/** A run that was begun, or the one that was begun with the same key. */
export interface StartedJob {
  readonly run: ListedRun;
  readonly is_new: boolean;
}

/** Jobs and their runs. Every operation throws `StoreError` when the database fails. */
export interface JobOperations {
  listJobs(): Promise<JobListReport>;
  listJobRuns(query: { readonly job?: JobName; readonly limit: number }): Promise<JobHistoryReport>;
  /** Null when there is no such run. */
  findJobRun(id: string): Promise<ListedRun | null>;
  /** Begins a run and gives its record; the work goes on. Throws `JobRunningError` while one runs anywhere. */
  startJob(order: JobOrder): Promise<StartedJob>;
}

/** What became of a tick. */
export interface TickReport {
  readonly operation: "run-tick";
  readonly job: JobName;
  /** RFC 3339 UTC; null where the job is off. */
  readonly tick_at: string | null;
  /**
   * - `ran`: a run was begun here, and is over.
   * - `running`: a run of the job is under way elsewhere.
   * - `settled`: the tick was dealt with before.
   * - `skipped`: it was not run, which is recorded with the reason.
   * - `off`: the job has no schedule.
   */
  readonly state: "ran" | "running" | "settled" | "skipped" | "off";
  /** The run that was begun, runs elsewhere, or settled the tick; null where there is none. */
  readonly run: ListedRun | null;
  /** True when another try of the tick may mend what failed. */
  readonly may_retry: boolean;
}

/** What catching up found. */
export interface CatchUpReport {
  readonly operation: "catch-up";
  /** Ticks that are dealt with now: missed, or those of runs that were lost, stopped or failed. */
  readonly begun: readonly { readonly job: JobName; readonly tick_at: string }[];
  /** Ticks that are left out, which is recorded with the reason. */
  readonly skipped: readonly { readonly job: JobName; readonly tick_at: string; readonly reason: string }[];
}

/** How missed ticks are made up for. */
export interface CatchUpOptions {
  /** Told what became of each tick that was begun to be dealt with. */
  readonly onEnd?: (report: TickReport) => void;
}

/** What timers call. Every operation throws `StoreError` when the database fails. */
export interface ScheduleOperations {
  /**
   * Deals with the newest tick of a job, and waits for the end of the run that it began. One of all schedulers runs it;
   * it waits for jobs that it conflicts with.
   */
  runTick(job: JobName): Promise<TickReport>;
  /**
   * Begins to deal with ticks that nobody ran, and takes over the runs of others that are gone; ticks that it is too
   * late for are recorded as skipped. The runs go on when it gives its report.
   */
  catchUp(options?: CatchUpOptions): Promise<CatchUpReport>;
  /** Resolves when nothing is in hand. */
  settle(): Promise<void>;
}

/** What monitoring systems scrape. */
export interface MetricOperations {
  /** Never throws, and ends within two seconds whatever is away. */
  measure(): Promise<MetricsReport>;
}

/** Every operation, bound to what it works with: what doors that stay open call. */
export interface Operations extends AddressOperations, ReportOperations, JobOperations, MetricOperations {
  readonly clock: Clock;
  readonly log: Log;
}

import type { JobName } from "./job.ts";
import type { JobBeginning, JobBeginOptions } from "./job_begin.ts";

/**
 * How a run ended: as exit statuses 0, 3, 1, by a signal, without having begun its work, or without a word, when
 * another run began in its place.
 */
export type JobOutcome = "succeeded" | "partly_failed" | "failed" | "stopped" | "skipped" | "lost";

/** Who started a run: a person at a shell, a timer, or a request. */
export type JobTrigger = "command" | "timer" | "http";

/** What a run counted, such as `refreshed` or `installed`: whole numbers by name. */
export type JobCounts = Readonly<Record<string, number>>;

/** Why a run failed. Never holds a secret. */
export interface JobError {
  readonly code: string;
  readonly message: string;
}

/** A run that begins. Instants are milliseconds since 1970 UTC. */
export interface JobStart {
  /** A UUID. */
  readonly id: string;
  readonly job: JobName;
  readonly trigger: JobTrigger;
  /** Who runs it and where, for people. */
  readonly actor: string;
  readonly startedAt: number;
}

/** A sign of life of a run. */
export interface JobSign {
  readonly at: number;
  /** What was counted up to now; absent where that is not known. */
  readonly counts?: JobCounts;
  /** It was given earlier and is told now, by whoever found it: the run holds its lease no longer for that. */
  readonly isBelated?: boolean;
}

/** How a run ended. */
export interface JobEnd {
  readonly outcome: JobOutcome;
  readonly counts: JobCounts;
  readonly error: JobError | null;
  /** What it said last, for people; null where there is nothing to say. */
  readonly message: string | null;
  readonly endedAt: number;
}

/** A recorded run. */
export interface JobRun extends JobStart {
  /** The tick of its schedule that it is for; null where nobody waited for one. */
  readonly tickAt: number | null;
  /** 1, or more where earlier runs of the same tick were lost, stopped or failed. */
  readonly attempt: number;
  /** When the run last gave a sign of life. */
  readonly seenAt: number;
  /** Null while it runs, and when it was killed. */
  readonly endedAt: number | null;
  readonly outcome: JobOutcome | null;
  readonly counts: JobCounts;
  readonly error: JobError | null;
  readonly message: string | null;
}

/** A tick that is not run. */
export interface TickSkip extends JobStart {
  readonly tickAt: number;
  readonly error: JobError;
}

/** Which runs are listed. */
export interface JobRunQuery {
  /** Every job where it is absent. */
  readonly job?: JobName;
  /** Runs that started at or after this instant. */
  readonly since?: number;
  /** Runs that started before this instant. */
  readonly until?: number;
  /** At most so many, the newest. */
  readonly limit: number;
}

/** The newest runs of one job. */
export interface LatestRuns {
  readonly job: JobName;
  readonly latest: JobRun;
  /** The newest that ended `succeeded`; null when none did. */
  readonly latestSuccess: JobRun | null;
}

/** Runs that started from `since` to before `until`, both milliseconds since 1970 UTC. */
export interface JobPeriod {
  readonly since: number;
  readonly until: number;
}

/** How many runs of a job ended so within a period; null for those that had not ended by its end. */
export interface JobOutcomeCount {
  readonly job: JobName;
  readonly outcome: JobOutcome | null;
  readonly runs: number;
}

/** Where a run writes down how it goes. What is said twice has no second effect. */
export interface JobJournal {
  start(run: JobStart): Promise<void>;
  /**
   * A sign of life, with what was counted up to now. False when the run has an end, which is left as it is: another
   * one took its place.
   */
  sign(id: string, sign: JobSign): Promise<boolean>;
  /** Ends a run. The first end of a run stays. */
  end(id: string, end: JobEnd): Promise<void>;
}

/** Keeps every run of every job. Methods throw `StoreError`. */
export interface JobRuns extends JobJournal {
  /**
   * Begins a run unless one of the job, or of one that it conflicts with, is under way, in one step among all processes.
   * The run holds a lease from then on, by the clock of the database, which each sign of life renews. Runs of these jobs
   * whose lease ran out are ended as lost. Only others that begin so are kept out: `start` records a run whatever else
   * runs.
   */
  begin(start: JobStart, options?: JobBeginOptions): Promise<JobBeginning>;
  /** Records that a tick is not run, as a run with the outcome `skipped`. False when the tick is settled, or runs. */
  skipTick(skip: TickSkip): Promise<boolean>;
  /** Of every job that had one, the last run of its latest tick at or before an instant, in the order of the names. */
  latestTicks(at: number): Promise<readonly JobRun[]>;
  /** The last run of a tick; null when there is none. */
  findTick(job: JobName, tickAt: number): Promise<JobRun | null>;
  /** Null when there is none; `id` is a UUID. */
  find(id: string): Promise<JobRun | null>;
  /** Newest first. */
  list(query: JobRunQuery): Promise<readonly JobRun[]>;
  /** Counts the runs of a period, in the order of the names. What happens after it changes nothing. */
  countOutcomes(period: JobPeriod): Promise<readonly JobOutcomeCount[]>;
  /** Of every job that ever ran, in the order of the names. */
  latest(): Promise<readonly LatestRuns[]>;
  /** When the database got its first tables: no job can have run before. */
  firstAt(): Promise<number>;
}

/** How often a run gives a sign of life. */
export const JOB_SIGN_MS = 10_000;
/** A run that was not seen for so long was killed, or its machine is gone: its lease lasts no longer. */
export const JOB_LOST_MS = 4 * JOB_SIGN_MS;

/** What became of a run, as far as its record tells. */
export type JobRunState = JobOutcome | "running";

/** The state of a run: one without an end is `lost` once its signs of life stopped. */
export function jobRunState(run: Pick<JobRun, "outcome" | "seenAt">, now: number): JobRunState {
  return run.outcome ?? (now - run.seenAt > JOB_LOST_MS ? "lost" : "running");
}

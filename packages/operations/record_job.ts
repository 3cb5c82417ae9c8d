import type {
  Clock,
  JobCounts,
  JobEnd,
  JobError,
  JobJournal,
  JobName,
  JobOutcome,
  JobTrigger,
  Log,
} from "@ipcascade/core";
import { JOB_SIGN_MS } from "@ipcascade/core";
import { reportError } from "./reported_error.ts";

/** What recording a run needs. */
export interface JobRecordDeps {
  readonly journal: JobJournal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Which run is recorded. */
export interface JobRecordOptions {
  /** A UUID that no other run has. */
  readonly id: string;
  readonly job: JobName;
  readonly trigger: JobTrigger;
  /** Who runs it and where, for people. */
  readonly actor: string;
  /** When it began, in milliseconds since 1970 UTC; default now. */
  readonly startedAt?: number;
  /** Tells from what the work threw how the run ended; default `failed`. */
  readonly outcomeOf?: (error: unknown) => JobOutcome;
}

/** What work says of itself at its end. */
export interface JobResult<Value> {
  /** What the caller gets. */
  readonly value: Value;
  readonly outcome: JobOutcome;
  readonly counts?: JobCounts;
  readonly error?: JobError | null;
  /** One line for people. */
  readonly message?: string | null;
}

/** Told by work while it runs. */
export type CountJob = (counts: JobCounts) => void;

/**
 * Runs a job and records its start, its signs of life and its end. A record that can't be written is logged and never
 * keeps the work from being done. Throws what the work throws, after recording it.
 */
export async function recordJob<Value>(
  deps: JobRecordDeps,
  options: JobRecordOptions,
  work: (count: CountJob) => Promise<JobResult<Value>>,
): Promise<Value> {
  const { journal, clock } = deps;
  const { id, job, trigger, actor, startedAt = clock.now(), outcomeOf = () => "failed" } = options;
  const end = (fields: Omit<JobEnd, "endedAt">) =>
    attempt(deps, () => journal.end(id, { ...fields, endedAt: clock.now() }));
  let counts: JobCounts = {};
  await attempt(deps, () => journal.start({ id, job, trigger, actor, startedAt }));
  const over = new AbortController();
  const signs = giveSigns(deps, id, () => counts, over.signal);
  try {
    const result = await work((counted) => {
      counts = counted;
    });
    const { value, outcome, error = null, message = null } = result;
    over.abort();
    await signs;
    await end({ outcome, counts: result.counts ?? counts, error, message });
    return value;
  } catch (error) {
    over.abort();
    await signs;
    await end({ outcome: outcomeOf(error), counts, error: reportError(error), message: null });
    throw error;
  }
}

/** Signs of life until the run is over. */
async function giveSigns(
  deps: JobRecordDeps,
  id: string,
  readCounts: () => JobCounts,
  over: AbortSignal,
): Promise<void> {
  const { journal, clock } = deps;
  while (!over.aborted) {
    await clock.sleep(JOB_SIGN_MS, over).catch(() => {});
    if (!over.aborted) await attempt(deps, () => journal.sign(id, { at: clock.now(), counts: readCounts() }));
  }
}

async function attempt({ log }: JobRecordDeps, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    log.warn("The run can't be recorded", { reason: String(error) });
  }
}

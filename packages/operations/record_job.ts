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
 * keeps the work from being done. The work's signal aborts when another run took the place of this one. Throws what the
 * work throws, after recording it.
 */
export async function recordJob<Value>(
  deps: JobRecordDeps,
  options: JobRecordOptions,
  work: (count: CountJob, lost: AbortSignal) => Promise<JobResult<Value>>,
): Promise<Value> {
  const { journal, clock } = deps;
  const { id, job, trigger, actor, startedAt = clock.now(), outcomeOf = () => "failed" } = options;
  const end = (fields: Omit<JobEnd, "endedAt">) =>
    attempt(deps, () => journal.end(id, { ...fields, endedAt: clock.now() }));
  let counts: JobCounts = {};
  await attempt(deps, () => journal.start({ id, job, trigger, actor, startedAt }));
  const [over, lost] = [new AbortController(), new AbortController()];
  const signs = giveSigns(deps, {
    id,
    readCounts: () => counts,
    over: over.signal,
    onLost: () => lost.abort(),
  });
  try {
    const result = await work((counted) => {
      counts = counted;
    }, lost.signal);
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

interface Signs {
  readonly id: string;
  readonly readCounts: () => JobCounts;
  readonly over: AbortSignal;
  readonly onLost: () => void;
}

/** Signs of life until the run is over, or another one took its place. */
async function giveSigns(deps: JobRecordDeps, { id, readCounts, over, onLost }: Signs): Promise<void> {
  const { journal, clock, log } = deps;
  while (!over.aborted) {
    await clock.sleep(JOB_SIGN_MS, over).catch(() => {});
    if (over.aborted) return;
    const goesOn = await attempt(deps, () => journal.sign(id, { at: clock.now(), counts: readCounts() }));
    if (goesOn !== false) continue;
    log.warn("Another run took the place of this one, which gave no sign of life for too long", { run: id });
    return onLost();
  }
}

/** What writing gives; null where it can't be done. */
async function attempt<T>({ log }: JobRecordDeps, write: () => Promise<T>): Promise<T | null> {
  try {
    return await write();
  } catch (error) {
    log.warn("The run can't be recorded", { reason: String(error) });
    return null;
  }
}

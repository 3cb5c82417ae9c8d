import {
  hostOfActor,
  type JobName,
  type JobOutcome,
  type JobPingEnd,
  type JobRun,
  JobRunningError,
  type JobStart,
} from "@ipcascade/core";
import {
  type JobEnding,
  outcomeOfJobError,
  pingJob,
  recordJob,
  TELLING_JOBS,
  type WorkEnd,
} from "@ipcascade/operations";
import {
  createNodeClock,
  createRunId,
  createSettingsPings,
  describeOperator,
  openJobJournal,
  type Settings,
} from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import type { RunSignals } from "./stop.ts";
import { describeError, EXIT, exitStatusOf } from "../exit_status.ts";

/** How a job's work ended: its exit status, and what its record says. */
export interface JobWorkEnd extends Partial<JobEnding> {
  readonly status: number;
}

/** For whom a job is run. */
export interface RecordedOptions {
  readonly context: CliContext;
  readonly signals: RunSignals;
  /** True for work that is shared with other runs of the job, each of which does a part of it. */
  readonly isShared?: boolean;
}

/**
 * Runs a job, records how it goes and pings; gives its exit status. On a server it holds the job's lease: while a run of
 * the job, or of one that it conflicts with, is under way it throws `JobRunningError`, and nothing is recorded. People
 * are told of what is wrong whatever else runs. The work's signals also end it when another run took its place.
 */
export async function recorded(
  job: JobName,
  options: RecordedOptions,
  work: (signals: RunSignals) => Promise<JobWorkEnd>,
): Promise<number> {
  const { context, signals, isShared = false } = options;
  const { settings, log } = context;
  const clock = createNodeClock();
  await using opened = await openJobJournal(settings, log);
  const run = {
    id: createRunId(),
    job,
    trigger: "command",
    actor: describeOperator(),
    startedAt: clock.now(),
  } as const;
  const begun = isShared || TELLING_JOBS.includes(job) ? null : await opened.begin(run);
  if (begun !== null && begun.state !== "begun" && !isElsewhere(begun.run, run, settings)) {
    throw new JobRunningError(job, begun.run);
  }
  const outcomeOf = (error: unknown) => outcomeOfJobError(error, signals.stop);
  const pings = createSettingsPings(settings, log);
  const describe = (end: WorkEnd<number>) => describeEnd(end, { context, signals });
  return await pingJob(
    { pings, job, id: run.id, describe },
    () =>
      recordJob({ journal: opened.journal, clock, log }, { ...run, outcomeOf }, async (_count, lost) => {
        const { status, outcome = outcomeOfStatus(status), ...end } = await work(endingToo(signals, lost));
        return {
          value: lost.aborted ? EXIT.lockHeld : status,
          outcome: signals.stop.aborted ? "stopped" : outcome,
          ...end,
        };
      }),
  );
}

const EDITION_JOBS: readonly JobName[] = ["update-editions", "recover-editions"];

/** Editions on the disk of each machine are in nobody else's way. */
function isElsewhere(other: JobRun, own: JobStart, { editionStore }: Settings): boolean {
  return editionStore === "file" && EDITION_JOBS.includes(own.job) &&
    hostOfActor(other.actor) !== hostOfActor(own.actor);
}

/** Signals that come also when a run is lost: whoever took its place does what is left. */
function endingToo(signals: RunSignals, lost: AbortSignal): RunSignals {
  return {
    stop: AbortSignal.any([signals.stop, lost]),
    abort: AbortSignal.any([signals.abort, lost]),
    get exitStatus() {
      return signals.exitStatus;
    },
  };
}

/** What the command said and how it ends, for whoever watches from outside. */
function describeEnd(
  end: WorkEnd<number>,
  { context, signals }: Pick<RecordedOptions, "context" | "signals">,
): JobPingEnd {
  const isThrown = "error" in end;
  const exitStatus = signals.exitStatus ?? (isThrown ? exitStatusOf(end.error) : end.value);
  return { exitStatus, output: context.said + (isThrown ? `${describeError(end.error)}\n` : "") };
}

function outcomeOfStatus(status: number): JobOutcome {
  if (status === EXIT.done) return "succeeded";
  return status === EXIT.partlyFailed ? "partly_failed" : "failed";
}

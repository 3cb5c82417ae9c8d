import { type JobCounts, type JobError, type JobName, type JobOutcome, LockHeldError } from "@ipcascade/core";
import { recordJob } from "@ipcascade/operations";
import {
  createNodeClock,
  createRunId,
  createSettingsPings,
  describeOperator,
  openJobJournal,
} from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import type { RunSignals } from "./stop.ts";
import { describeError, EXIT, exitStatusOf } from "../exit_status.ts";

/** How a job's work ended: its exit status, and what its record says. */
export interface JobWorkEnd {
  readonly status: number;
  /** Where the status does not tell it: a check that finds fault has succeeded. */
  readonly outcome?: JobOutcome;
  readonly counts?: JobCounts;
  readonly error?: JobError | null;
  /** One line for people. */
  readonly message?: string | null;
}

/** Runs a job, records how it goes and pings; gives its exit status. */
export async function recorded(
  job: JobName,
  { context, signals }: { readonly context: CliContext; readonly signals: RunSignals },
  work: () => Promise<JobWorkEnd>,
): Promise<number> {
  const { settings, log } = context;
  const { stop } = signals;
  await using opened = await openJobJournal(settings, log);
  const run = { id: createRunId(), job, trigger: "command", actor: describeOperator() } as const;
  const outcomeOf = (error: unknown) => outcomeOfError(error, stop);
  return await pinged(run, { context, signals }, () =>
    recordJob(
      { journal: opened.journal, clock: createNodeClock(), log },
      { ...run, outcomeOf },
      async () => {
        const { status, outcome = outcomeOfStatus(status), ...end } = await work();
        return { value: status, outcome: stop.aborted ? "stopped" : outcome, ...end };
      },
    ));
}

/** Runs work between two pings, where pings are configured. They take place beside the work and never fail it. */
async function pinged(
  { job, id }: { readonly job: JobName; readonly id: string },
  { context, signals }: { readonly context: CliContext; readonly signals: RunSignals },
  work: () => Promise<number>,
): Promise<number> {
  const pings = createSettingsPings(context.settings, context.log);
  if (pings === null) return await work();
  // The ping of the end waits for that of the start, as long as it has time.
  void pings.start(job, id);
  const end = async (exitStatus: number, more = "") => {
    await pings.end(job, id, { exitStatus: signals.exitStatus ?? exitStatus, output: context.said + more });
  };
  try {
    const status = await work();
    await end(status);
    return status;
  } catch (error) {
    await end(exitStatusOf(error), `${describeError(error)}\n`);
    throw error;
  }
}

function outcomeOfStatus(status: number): JobOutcome {
  if (status === EXIT.done) return "succeeded";
  return status === EXIT.partlyFailed ? "partly_failed" : "failed";
}

/** Work that another process is at is left to that one. */
function outcomeOfError(error: unknown, stop: AbortSignal): JobOutcome {
  if (stop.aborted) return "stopped";
  return error instanceof LockHeldError ? "skipped" : "failed";
}

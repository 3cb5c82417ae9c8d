import { type JobCounts, type JobError, type JobName, type JobOutcome, LockHeldError } from "@ipcascade/core";
import { recordJob } from "@ipcascade/operations";
import { createNodeClock, createRunId, describeOperator, openJobJournal } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit_status.ts";

/** How a job's work ended: its exit status, and what its record says. */
export interface JobWorkEnd {
  readonly status: number;
  readonly counts?: JobCounts;
  readonly error?: JobError | null;
  /** One line for people. */
  readonly message?: string | null;
}

/** Runs a job and records how it goes; gives its exit status. `stop` is the signal that stops it. */
export async function recorded(
  job: JobName,
  { context, stop }: { readonly context: CliContext; readonly stop: AbortSignal },
  work: () => Promise<JobWorkEnd>,
): Promise<number> {
  const { settings, log } = context;
  await using opened = await openJobJournal(settings, log);
  const run = { id: createRunId(), job, trigger: "command", actor: describeOperator() } as const;
  const outcomeOf = (error: unknown) => outcomeOfError(error, stop);
  return await recordJob(
    { journal: opened.journal, clock: createNodeClock(), log },
    { ...run, outcomeOf },
    async () => {
      const { status, ...end } = await work();
      return { value: status, outcome: outcomeOfStatus(status, stop), ...end };
    },
  );
}

function outcomeOfStatus(status: number, stop: AbortSignal): JobOutcome {
  if (stop.aborted) return "stopped";
  if (status === EXIT.done) return "succeeded";
  return status === EXIT.partlyFailed ? "partly_failed" : "failed";
}

/** Work that another process is at is left to that one. */
function outcomeOfError(error: unknown, stop: AbortSignal): JobOutcome {
  if (stop.aborted) return "stopped";
  return error instanceof LockHeldError ? "skipped" : "failed";
}

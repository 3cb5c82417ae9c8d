import type { JobName, JobOutcome, JobPingEnd } from "@ipcascade/core";
import { type JobEnding, outcomeOfJobError, pingJob, recordJob, type WorkEnd } from "@ipcascade/operations";
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
export interface JobWorkEnd extends Partial<JobEnding> {
  readonly status: number;
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
  const outcomeOf = (error: unknown) => outcomeOfJobError(error, stop);
  const pings = createSettingsPings(settings, log);
  const describe = (end: WorkEnd<number>) => describeEnd(end, { context, signals });
  return await pingJob({ pings, job, id: run.id, describe }, () =>
    recordJob(
      { journal: opened.journal, clock: createNodeClock(), log },
      { ...run, outcomeOf },
      async () => {
        const { status, outcome = outcomeOfStatus(status), ...end } = await work();
        return { value: status, outcome: stop.aborted ? "stopped" : outcome, ...end };
      },
    ));
}

/** What the command said and how it ends, for whoever watches from outside. */
function describeEnd(
  end: WorkEnd<number>,
  { context, signals }: { readonly context: CliContext; readonly signals: RunSignals },
): JobPingEnd {
  const isThrown = "error" in end;
  const exitStatus = signals.exitStatus ?? (isThrown ? exitStatusOf(end.error) : end.value);
  return { exitStatus, output: context.said + (isThrown ? `${describeError(end.error)}\n` : "") };
}

function outcomeOfStatus(status: number): JobOutcome {
  if (status === EXIT.done) return "succeeded";
  return status === EXIT.partlyFailed ? "partly_failed" : "failed";
}

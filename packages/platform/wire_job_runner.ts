import { createHash } from "node:crypto";
import type { Clock, JobJournal, JobRuns } from "@ipcascade/core";
import { createJobRunner, type JobRunner } from "@ipcascade/operations";
import { JOB_CATALOGUE, type JobContext, type JobWorkEnding } from "./jobs/mod.ts";
import { createSettingsPings } from "./open_alerts.ts";
import { createRunId } from "./process_identity.ts";

/** What a runner of the catalogue's jobs is wired from; the rest of the context is what work is lent. */
export interface JobRunnerParts extends Omit<JobContext, "stop" | "abort" | "count" | "tickAt" | "clock"> {
  readonly clock: Clock;
  readonly runs: Pick<JobRuns, "begin" | "sign">;
  /** Where one run writes how it goes. */
  readonly openJournal: () => Promise<JobJournal>;
  /** Called when the work of a run is over, with its ending; null where it threw. */
  readonly onWorkEnd?: (ending: JobWorkEnding<unknown> | null) => Promise<void> | void;
}

/** Wires a runner of the catalogue's jobs. */
export function wireJobRunner({ runs, openJournal, onWorkEnd, ...lent }: JobRunnerParts): JobRunner {
  const { settings, log, clock } = lent;
  return createJobRunner({
    runs,
    openJournal,
    pings: createSettingsPings(settings, log),
    clock,
    log,
    work: async (job, control) => {
      let ending: JobWorkEnding<unknown> | null = null;
      try {
        return ending = await JOB_CATALOGUE[job]({ ...lent, ...control });
      } finally {
        await onWorkEnd?.(ending);
      }
    },
    createId: createRunId,
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  });
}

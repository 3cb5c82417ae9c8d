import type { JobCounts } from "@ipcascade/core";
import type { PruneReport } from "../editions/prune_editions.ts";
import type { RecoveryReport } from "../editions/recover_editions.ts";
import type { UpdateReport } from "../editions/update_report.ts";
import { endWell, type JobEnding } from "./job_ending.ts";

/** How an update ended; it counts editions by what became of them. One that is held back after a failure is a failure. */
export function endOfUpdate({ status, error, set, items }: UpdateReport): JobEnding {
  return {
    outcome: error === null ? "succeeded" : "failed",
    counts: countItems(items),
    error,
    message: describeSet(status, set),
  };
}

/** How a recovery ended; it counts the sets that were looked at. */
export function endOfRecovery({ status, set, steps, update }: RecoveryReport): JobEnding {
  return {
    outcome: status === "failed" ? "failed" : "succeeded",
    counts: { examined: steps.length },
    error: update?.error ?? null,
    message: describeSet(status, set),
  };
}

/** How pruning the kept editions ended; it counts the sets that were destroyed. */
export function endOfPruning({ pruned }: Pick<PruneReport, "pruned">): JobEnding {
  return endWell({ pruned: pruned.length });
}

function describeSet(status: string, set: string | null): string {
  return set === null ? status : `${status}: ${set} serves`;
}

function countItems(items: UpdateReport["items"]): JobCounts {
  const counts: Record<string, number> = {};
  for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

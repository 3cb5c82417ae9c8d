import type { JobCounts } from "@ipcascade/core";
import type { RecoveryReport } from "../editions/recover_editions.ts";
import type { UpdateReport } from "../editions/update_report.ts";
import type { JobEnding } from "./job_ending.ts";

/**
 * How an update ended; it counts editions by what became of them. One that is held back after a failure is a failure,
 * and one that installed some and refused others has failed in part.
 */
export function endOfUpdate({ status, error, set, items }: UpdateReport): JobEnding {
  const refusal = items.find((item) => item.status === "rejected" && item.error?.code === "EDITION_REFUSED");
  const done = refusal === undefined ? "succeeded" : "partly_failed";
  return {
    outcome: error === null ? done : "failed",
    counts: countItems(items),
    error: error ?? refusal?.error ?? null,
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

function describeSet(status: string, set: string | null): string {
  return set === null ? status : `${status}: ${set} serves`;
}

function countItems(items: UpdateReport["items"]): JobCounts {
  const counts: Record<string, number> = {};
  for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

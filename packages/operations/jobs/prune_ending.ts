import type { BackupPruneReport } from "../backup/reports.ts";
import type { PruneReport } from "../editions/prune_editions.ts";
import type { JobEnding } from "./job_ending.ts";

/** How pruning ended; it counts the sets of editions and the backups that were destroyed. */
export function endOfPruning(
  { pruned }: Pick<PruneReport, "pruned">,
  { removed, refused }: Pick<BackupPruneReport, "removed" | "refused">,
): JobEnding {
  return {
    outcome: refused === null ? "succeeded" : "partly_failed",
    counts: { pruned: pruned.length, removed: removed.length },
    error: null,
    message: refused === null ? null : `Old backups are kept: ${refused}`,
  };
}

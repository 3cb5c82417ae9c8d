import { formatBackupRun } from "@ipcascade/core";
import type { BackUpReport } from "../backup/reports.ts";
import type { JobEnding } from "./job_ending.ts";

/** How a backup ended. One that is there while old ones are not removed is half of what was asked for. */
export function endOfBackUp({ backup, place, pruning }: BackUpReport): JobEnding {
  const { id, rows, bytes, file_bytes } = backup;
  return {
    outcome: (pruning?.refused ?? null) === null ? "succeeded" : "partly_failed",
    counts: { rows, bytes, file_bytes, removed: pruning?.removed.length ?? 0 },
    error: null,
    message: formatBackupRun({ id, place }),
  };
}

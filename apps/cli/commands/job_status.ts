import type { JobError, JobOutcome } from "@ipcascade/core";
import { EXIT, exitStatusOfOutcome } from "../exit_status.ts";
import { statusOfReported } from "./editions_status.ts";

/** Error codes that have an exit status of their own, whatever the job. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  BAD_USAGE: EXIT.usage,
  LOCK_HELD: EXIT.lockHeld,
  BACKUP_REFUSED: EXIT.refused,
  BACKUP_DAMAGED: EXIT.verificationFailed,
};

/** The exit status of a run by what its record says of its end, as that of the job's own command. */
export function statusOfEnding(
  { outcome, error }: { readonly outcome: JobOutcome | null; readonly error: JobError | null },
): number {
  if (outcome === null || outcome === "stopped") return EXIT.failed;
  if (outcome === "skipped") return EXIT.lockHeld;
  if (outcome !== "failed" || error === null) return exitStatusOfOutcome(outcome);
  return STATUS_OF_CODE[error.code] ?? statusOfReported(error);
}

import type { BackupProgress, BackupWork } from "@ipcascade/operations";
import type { CliContext } from "../context.ts";

const STEPS: Readonly<Record<BackupProgress["step"], string>> = {
  editions: "editions",
  save: "save",
  back_up: "back up",
  verify: "verify",
  load: "load",
  compare: "compare",
};

/** Draws a bar for each table, edition or file, and ends the work at the first signal. */
export function showBackupWork(context: CliContext, signal: AbortSignal): BackupWork {
  return {
    signal,
    onProgress: ({ step, member, done, total }) =>
      context.showProgress(`${STEPS[step]} ${member}`, done, total),
  };
}

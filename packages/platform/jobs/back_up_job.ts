import { backUp, endOfBackUp } from "@ipcascade/operations";
import { openBackups } from "../open_backups.ts";
import type { JobWork } from "./job_context.ts";

/** The job `back-up`: a backup with its editions, then old ones go. */
export const backUpJob: JobWork = async ({ settings, log, database, version, stop }) => {
  const options = { database, productVersion: version, signal: stop };
  await using backups = await openBackups(settings, log, options);
  const prune = { keepDays: settings.backupKeepDays };
  const report = await backUp(backups.deps, { withEditions: true, prune, signal: stop });
  return { ...endOfBackUp(report), report };
};

import { backUp, endOfBackUp } from "@ipcascade/operations";
import { openBackups } from "../open_backups.ts";
import type { JobWork } from "./job_context.ts";

/** The job `back-up`: a backup with its editions, then old ones go. */
export const backUpJob: JobWork<"back-up"> = async (context) => {
  const { settings, log, database, clock, version, stop, onProgress } = context;
  const options = { database, clock, productVersion: version, signal: stop };
  await using backups = await openBackups(settings, log, options);
  const prune = { keepDays: settings.backupKeepDays };
  const report = await backUp(backups.deps, {
    withEditions: true,
    prune,
    signal: stop,
    onProgress: ({ step, member, done, total }) =>
      onProgress?.({ label: `${step.replaceAll("_", " ")} ${member}`, done, total }),
  });
  return { ...endOfBackUp(report), report };
};

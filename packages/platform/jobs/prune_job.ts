import { endOfPruning, pruneBackups, pruneEditions } from "@ipcascade/operations";
import { openBackups } from "../open_backups.ts";
import { openEditions } from "../open_editions.ts";
import type { JobContext, JobWork } from "./job_context.ts";

/** The job `prune`: kept editions that have had their time, then old backups and the editions in them. */
export const pruneJob: JobWork<"prune"> = async (context) => {
  const editions = await pruneKeptEditions(context);
  const backups = await pruneOldBackups(context);
  return { ...endOfPruning(editions, backups), report: { operation: "prune", editions, backups } };
};

async function pruneKeptEditions({ settings, log, database, clock }: JobContext) {
  await using editions = await openEditions(settings, log, { database, clock });
  return await pruneEditions(editions.deps, { policy: editions.policy });
}

async function pruneOldBackups({ settings, log, database, clock, version, stop }: JobContext) {
  const options = { database, clock, productVersion: version, signal: stop };
  await using backups = await openBackups(settings, log, options);
  return await pruneBackups(backups.deps, {
    keepDays: settings.backupKeepDays,
    isDryRun: false,
    signal: stop,
  });
}

import {
  type EditionUpdateDeps,
  endOfPruning,
  endOfRecovery,
  endOfUpdate,
  pruneEditions,
  recoverEditions,
  updateEditions,
  type UpdateOptions,
} from "@ipcascade/operations";
import { openEditionProvider } from "../open_edition_provider.ts";
import { type OpenEditions, openEditions } from "../open_editions.ts";
import type { Settings } from "../settings.ts";
import type { JobWork } from "./job_context.ts";

/** The job `update-editions`. */
export const updateEditionsJob: JobWork = async ({ settings, log, database, stop }) => {
  await using editions = await openEditions(settings, log, { database });
  await using provider = openEditionProvider(settings, editions.deps.clock);
  const options = { ...planUpdate(editions, settings), signal: stop };
  const report = await updateEditions({ ...editions.deps, provider }, options);
  return { ...endOfUpdate(report), report };
};

/** The job `recover-editions`. */
export const recoverEditionsJob: JobWork = async ({ settings, log, database, stop }) => {
  await using editions = await openEditions(settings, log, { database });
  const options = { ...planUpdate(editions, settings), signal: stop };
  const report = await recoverEditions(planRecovery(editions, settings), options);
  return { ...endOfRecovery(report), report };
};

/** The job `prune-editions`. */
export const pruneEditionsJob: JobWork = async ({ settings, log, database }) => {
  await using editions = await openEditions(settings, log, { database });
  const report = await pruneEditions(editions.deps, { policy: editions.policy });
  return { ...endOfPruning(report), report };
};

/** What an update takes from the settings. */
export function planUpdate(
  { policy, settings: fingerprint }: OpenEditions,
  { retryForMs }: Settings,
): UpdateOptions {
  return { policy, settings: fingerprint, retryForMs };
}

/** What a recovery works with. A kept set can be restored without account, so it is asked for no earlier than needed. */
export function planRecovery({ deps }: OpenEditions, settings: Settings): EditionUpdateDeps {
  return {
    ...deps,
    get provider() {
      return openEditionProvider(settings, deps.clock);
    },
  };
}

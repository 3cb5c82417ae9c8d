import {
  type EditionUpdateDeps,
  endOfRecovery,
  endOfUpdate,
  recoverEditions,
  updateEditions,
  type UpdateOptions,
} from "@ipcascade/operations";
import { openEditionProvider } from "../open_edition_provider.ts";
import { type OpenEditions, openEditions } from "../open_editions.ts";
import type { Settings } from "../settings.ts";
import type { JobContext, JobWork } from "./job_context.ts";

/** The job `update-editions`. */
export const updateEditionsJob: JobWork<"update-editions"> = async (context) => {
  const { settings, log, database, clock } = context;
  await using editions = await openEditions(settings, log, { database, clock });
  await using provider = openEditionProvider(settings, editions.deps.clock);
  const options = { ...planUpdate(editions, settings), ...watch(context) };
  const report = await updateEditions({ ...editions.deps, provider }, options);
  return { ...endOfUpdate(report), report };
};

/** The job `recover-editions`. */
export const recoverEditionsJob: JobWork<"recover-editions"> = async (context) => {
  const { settings, log, database, clock } = context;
  await using editions = await openEditions(settings, log, { database, clock });
  const options = { ...planUpdate(editions, settings), ...watch(context) };
  const report = await recoverEditions(planRecovery(editions, settings), options);
  return { ...endOfRecovery(report), report };
};

function watch({ stop, onProgress }: JobContext): Pick<UpdateOptions, "signal" | "onProgress"> {
  return {
    signal: stop,
    onProgress: ({ edition_id, phase, done, total }) =>
      onProgress?.({ label: `${phase} ${edition_id}`, done, total }),
  };
}

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

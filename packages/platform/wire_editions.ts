import { setImmediate } from "node:timers/promises";
import type { Clock, EditionStore, Log } from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "@ipcascade/operations";
import { pruneExpired } from "@ipcascade/operations/offline";
import { createEditionVerifier, openMmdb } from "@ipcascade/sources/maxmind";
import type { SqlClient } from "@ipcascade/store";
import { createSqlEditionStore } from "@ipcascade/store/edition_store";
import { createFileEditionStore } from "./edition_file_store.ts";
import { createNodeHasher } from "./node_hasher.ts";
import { describeOwnProcess } from "./process_identity.ts";
import type { Settings } from "./settings.ts";

/** The place where editions are kept. */
export function openEditionStore(
  settings: Settings,
  deps: {
    readonly log: Log;
    readonly clock: Clock;
    readonly database: SqlClient | null;
    /** See `FileEditionStoreOptions`. */
    readonly isShared?: boolean;
  },
): EditionStore {
  const { log, clock, database, isShared } = deps;
  if (settings.editionStore === "file" || database === null) {
    return createFileEditionStore({
      dir: settings.editionDir,
      clock,
      log,
      lockFile: settings.lockFile,
      isShared,
    });
  }
  return createSqlEditionStore({ sql: database, owner: describeOwnProcess(), clock, log });
}

/** Destroys sets whose licence is over, also when nobody updates. What keeps it from doing so is logged, not thrown. */
export async function destroyExpired(
  store: EditionStore,
  settings: Settings,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<void> {
  try {
    await pruneExpired(wireEditions(store, { log, clock }), readEditionPolicy(settings));
  } catch (error) {
    log.debug("Expired sets of editions are left to the next run", { reason: String(error) });
  }
}

/** What works on the place where editions are kept. */
export function wireEditions(
  store: EditionStore,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): EditionDeps {
  return {
    store,
    verify: createEditionVerifier({ clock, createHasher: createNodeHasher, pause: () => setImmediate() }),
    inspect: (bytes) => {
      const { databaseType, buildEpoch } = openMmdb(bytes).metadata;
      return { database_type: databaseType, build_epoch: buildEpoch };
    },
    createHasher: createNodeHasher,
    clock,
    random: Math.random,
    log,
  };
}

/** What the settings say about editions. */
export function readEditionPolicy(settings: Settings): EditionPolicy {
  return {
    editionIds: settings.editionIds,
    canaries: settings.editionCanaries,
    maxChangePercent: settings.editionMaxChangePercent,
    keepSets: settings.editionKeepSets,
  };
}

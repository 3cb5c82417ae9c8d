import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Clock, EditionStore, Log } from "@ipcascade/core";
import { type EditionDeps, type EditionPolicy, pruneExpired } from "@ipcascade/operations";
import { createEditionVerifier, openMmdb } from "@ipcascade/sources";
import { createSqlEditionStore, type SqlClient } from "@ipcascade/store";
import { createFileEditionStore } from "./edition_file_store.ts";
import { createNodeClock } from "./node_clock.ts";
import { createNodeHasher } from "./node_hasher.ts";
import { openDatabase } from "./open_database.ts";
import { describeOwnProcess } from "./process_identity.ts";
import type { Settings } from "./settings.ts";

/** What is done with editions, wired; dispose it to give the database back. */
export interface OpenEditions extends AsyncDisposable {
  readonly deps: EditionDeps;
  readonly policy: EditionPolicy;
  /** Stands for provider and account; no secret can be read from it. */
  readonly settings: string;
}

/** How editions are opened. */
export interface OpenEditionsOptions {
  /** By default the machine's. */
  readonly clock?: Clock;
  /** Where editions are with `EDITION_STORE=postgres`; by default it is opened, and closed again. */
  readonly database?: SqlClient;
}

/** Opens the place where editions are kept, and wires what works on it. No provider is asked. */
export async function openEditions(
  settings: Settings,
  log: Log,
  options: OpenEditionsOptions = {},
): Promise<OpenEditions> {
  const clock = options.clock ?? createNodeClock();
  const needsDatabase = settings.editionStore === "postgres" && options.database === undefined;
  const opened = needsDatabase ? await openDatabase(settings, log) : null;
  const store = openEditionStore(settings, { log, clock, database: options.database ?? opened });
  return {
    deps: wireEditions(store, { log, clock }),
    policy: readPolicy(settings),
    settings: fingerprint(settings),
    [Symbol.asyncDispose]: async () => {
      await opened?.close();
    },
  };
}

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
    await pruneExpired(wireEditions(store, { log, clock }), readPolicy(settings));
  } catch (error) {
    log.debug("Expired sets of editions are left to the next run", { reason: String(error) });
  }
}

function wireEditions(
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

function readPolicy(settings: Settings): EditionPolicy {
  return {
    editionIds: settings.editionIds,
    canaries: settings.editionCanaries,
    maxChangePercent: settings.editionMaxChangePercent,
    keepSets: settings.editionKeepSets,
  };
}

/** A digest, cut short: it tells two accounts apart and gives neither away. Weak passwords are no part of it. */
function fingerprint(settings: Settings): string {
  const { editionProvider, updatesHost, maxmindAccountId, maxmindLicenseKey, dbipUrl, editionMirrorUrl } =
    settings;
  const mirror = editionMirrorUrl?.replace(/^(https?:\/\/)[^/@]*@/i, "$1") ?? null;
  const parts = [editionProvider, updatesHost, maxmindAccountId, maxmindLicenseKey, dbipUrl, mirror];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

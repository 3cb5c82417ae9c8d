import { createHash } from "node:crypto";
import type { Clock, Log } from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "@ipcascade/operations";
import type { SqlClient } from "@ipcascade/store";
import { createNodeClock } from "./node_clock.ts";
import { openDatabase } from "./open_database.ts";
import type { Settings } from "./settings.ts";
import { openEditionStore, readEditionPolicy, wireEditions } from "./wire_editions.ts";

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
    policy: readEditionPolicy(settings),
    settings: fingerprint(settings),
    [Symbol.asyncDispose]: async () => {
      await opened?.close();
    },
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

import type { Clock, Log } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import { openOrClose } from "./open_or_close.ts";
import type { Settings } from "./settings.ts";
import { openWatchedMaxmind, type WatchedMaxmind, type WatchOptions } from "./watched_maxmind.ts";
import { destroyExpired, openEditionStore } from "./wire_editions.ts";

/** Loaded where editions are in a database, by a constant: docs/adr/0051-the-api-is-loaded-by-serve.md. */
const DATABASE = "./open_database.ts";

/** What opening the editions needs. */
export interface InstalledDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** Where editions are with `EDITION_STORE=postgres`. */
  readonly database: SqlClient | null;
  readonly maxKept?: number;
  readonly isShared?: boolean;
  readonly onLookup?: WatchOptions["onLookup"];
  readonly onClose?: () => Promise<void>;
}

/** Opens the installed editions; sets whose licence is over are destroyed first. */
export async function openInstalled(settings: Settings, deps: InstalledDeps): Promise<WatchedMaxmind> {
  const store = openEditionStore(settings, deps);
  await destroyExpired(store, settings, deps);
  return await openWatchedMaxmind({ ...deps, store, editionIds: settings.editionIds });
}

/**
 * Opens the installed editions alone, for commands without a database of their own; dispose it to stop watching.
 * `isShared` puts files into memory that threads share.
 */
export async function openMaxmind(
  settings: Settings,
  deps: { readonly log: Log; readonly clock: Clock; readonly maxKept?: number; readonly isShared?: boolean },
): Promise<WatchedMaxmind> {
  if (settings.editionStore === "file") return await openInstalled(settings, { ...deps, database: null });
  const { openDatabase } = await import(DATABASE) as typeof import("./open_database.ts");
  const database = await openDatabase(settings, deps.log);
  return await openOrClose(
    database,
    () => openInstalled(settings, { ...deps, database, onClose: () => database.close() }),
  );
}

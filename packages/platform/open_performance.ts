import { availableParallelism } from "node:os";
import type { Clock, Log } from "@ipcascade/core";
import type { LatencyDeps, MemoryDeps } from "@ipcascade/operations";
import { createSqlDatabaseActivity, createSqlRequestHours, type SqlClient } from "@ipcascade/store";
import { KEPT_FACTS } from "./compose.ts";
import { createMemoryProbe } from "./memory_probe.ts";
import { createNodeClock } from "./node_clock.ts";
import { openDatabase } from "./open_database.ts";
import { createLazyDatabase, deferDatabase, type LazyDatabase } from "./lazy_database.ts";
import type { Settings } from "./settings.ts";
import { openWatchedMaxmind, type WatchedMaxmind } from "./watched_maxmind.ts";
import { openEditionStore } from "./wire_editions.ts";

/** What explains slowness; dispose it to give database and lock back. */
export interface OpenLatency extends AsyncDisposable {
  readonly deps: LatencyDeps;
}

/** What explains memory; dispose it to give database and lock back. */
export interface OpenMemory extends AsyncDisposable {
  readonly deps: MemoryDeps;
}

/** Opens what `diagnoseLatency` needs. No source is asked. Throws what `openDatabase` throws. */
export async function openLatency(settings: Settings, log: Log): Promise<OpenLatency> {
  const database = await openDatabase(settings, log);
  return {
    deps: wireLatency(database, settings, log),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** An entry of an edition's cache was measured at 160 bytes. */
const BYTES_PER_FACT = 160;

/**
 * Opens database and editions as enriching does, and measures what that takes. No source is asked. Throws what
 * `openDatabase` throws.
 */
export async function openMemory(settings: Settings, log: Log): Promise<OpenMemory> {
  const database = createLazyDatabase(settings, log);
  try {
    const { deps, close } = await measureMemory(database, settings, log);
    return { deps, [Symbol.asyncDispose]: () => close().finally(() => database[Symbol.asyncDispose]()) };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the editions beside a database that others may have opened already, and an embedded one if it has to; `close` gives the editions back. */
export async function measureMemory(
  lazy: LazyDatabase,
  settings: Settings,
  log: Log,
): Promise<{ readonly deps: MemoryDeps; readonly close: () => Promise<void> }> {
  const clock = createNodeClock();
  const memory = createMemoryProbe();
  const before = memory.read();
  const openedBefore = lazy.grownBytes;
  // Enriching holds the embedded database in this process; a server has its memory elsewhere.
  if (settings.databaseUrl === null) await lazy.get();
  const maxmind = await openEditions(settings, { log, clock, database: deferDatabase(lazy) });
  const owners = {
    programBytes: Math.max(0, before.residentBytes - before.heapUsedBytes - openedBefore),
    embeddedDatabaseBytes: settings.databaseUrl === null ? lazy.grownBytes : null,
    cityBytes: maxmind.sizes.city,
    asnBytes: maxmind.sizes.asn,
    cacheLimitBytes: 2 * KEPT_FACTS * BYTES_PER_FACT,
  };
  return { deps: { clock, memory, owners }, close: async () => await maxmind[Symbol.asyncDispose]() };
}

interface EditionParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly database: SqlClient;
}

function openEditions(settings: Settings, { log, clock, database }: EditionParts): Promise<WatchedMaxmind> {
  const store = openEditionStore(settings, { log, clock, database });
  return openWatchedMaxmind({ store, editionIds: settings.editionIds, log, clock, checkEveryMs: 0 });
}

/** What `diagnoseLatency` needs, on an open database. */
export function wireLatency(database: SqlClient, settings: Settings, log: Log): LatencyDeps {
  const clock = createNodeClock();
  const isServer = settings.databaseUrl !== null;
  const poolSize = settings.databasePool === 0 ? availableParallelism() * 2 : settings.databasePool;
  return {
    clock,
    requests: createSqlRequestHours(database),
    database: createSqlDatabaseActivity(database, { isServer }),
    poolSize: isServer ? poolSize : null,
    timeouts: {
      cymruMs: settings.cymruTimeoutMs,
      greynoiseMs: settings.greynoiseTimeoutMs,
      greynoiseServer: settings.greynoiseApiServer,
    },
    openEditions: async () => {
      const maxmind = await openEditions(settings, { log, clock, database });
      return { maxmind, [Symbol.asyncDispose]: () => maxmind[Symbol.asyncDispose]() };
    },
  };
}

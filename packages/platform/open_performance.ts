import { availableParallelism } from "node:os";
import type { Clock, Log } from "@ipcascade/core";
import type { LatencyDeps, MemoryDeps } from "@ipcascade/operations";
import { createSqlDatabaseActivity, createSqlRequestHours, type SqlClient } from "@ipcascade/store";
import { KEPT_FACTS } from "./compose.ts";
import { createMemoryProbe } from "./memory_probe.ts";
import { createNodeClock } from "./node_clock.ts";
import { openDatabase } from "./open_database.ts";
import { openOrClose } from "./open_or_close.ts";
import type { Settings } from "./settings.ts";
import { openWatchedMaxmind, type WatchedMaxmind } from "./watched_maxmind.ts";
import { openEditionStore } from "./open_editions.ts";

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
    deps: createLatencyDeps(database, settings, log),
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
  const clock = createNodeClock();
  const memory = createMemoryProbe();
  const before = memory.read();
  const database = await openDatabase(settings, log);
  const databaseBytes = Math.max(0, memory.read().residentBytes - before.residentBytes);
  const maxmind = await openOrClose(database, () => openEditions(settings, { log, clock, database }));
  const owners = {
    programBytes: before.residentBytes - before.heapUsedBytes,
    embeddedDatabaseBytes: settings.databaseUrl === null ? databaseBytes : null,
    cityBytes: maxmind.sizes.city,
    asnBytes: maxmind.sizes.asn,
    cacheLimitBytes: 2 * KEPT_FACTS * BYTES_PER_FACT,
  };
  return {
    deps: { clock, memory, owners },
    [Symbol.asyncDispose]: async () => {
      await maxmind[Symbol.asyncDispose]();
      await database.close();
    },
  };
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

function createLatencyDeps(database: SqlClient, settings: Settings, log: Log): LatencyDeps {
  const clock = createNodeClock();
  const isServer = settings.databaseUrl !== null;
  const poolSize = settings.databasePool === 0 ? availableParallelism() * 2 : settings.databasePool;
  return {
    clock,
    requests: createSqlRequestHours(database),
    database: createSqlDatabaseActivity(database, { isServer }),
    poolSize: isServer ? poolSize : null,
    timeouts: { cymruMs: settings.cymruTimeoutMs, greynoiseMs: settings.greynoiseTimeoutMs },
    openEditions: async () => {
      const maxmind = await openEditions(settings, { log, clock, database });
      return { maxmind, [Symbol.asyncDispose]: () => maxmind[Symbol.asyncDispose]() };
    },
  };
}

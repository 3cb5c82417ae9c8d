import type { Clock, Log, SessionStore } from "@ipcascade/core";
import type { EnrichDeps } from "@ipcascade/operations";
import { createCymruSource, createGreynoiseSource, createTokenBucket } from "@ipcascade/sources";
import {
  createSqlCircuitStore,
  createSqlInventoryStore,
  createSqlQuotaLedger,
  createSqlSessionStore,
  type SqlClient,
} from "@ipcascade/store";
import { createTxtResolver } from "./dns_txt.ts";
import { createHeapKeeper } from "./heap.ts";
import { createFetch } from "./http.ts";
import { createNodeClock } from "./node_clock.ts";
import { openDatabase } from "./open_database.ts";
import { destroyExpired, openEditionStore } from "./open_editions.ts";
import { openOrClose } from "./open_or_close.ts";
import type { Settings } from "./settings.ts";
import { connectTcp } from "./tcp.ts";
import { openWatchedMaxmind, type WatchedMaxmind } from "./watched_maxmind.ts";

/** GreyNoise asks for no more than ten requests a second. */
const GREYNOISE_PER_SECOND = 10;

/** The whole cascade with its database; dispose it to give database and lock back. */
export interface Cascade extends EnrichDeps, AsyncDisposable {
  readonly maxmind: WatchedMaxmind;
  readonly sessions: SessionStore;
  /** Addresses that are best asked and stored together. */
  readonly batchSize: number;
  /** To be called between batches: keeps the heap small. */
  readonly relieve: () => void;
}

/** The embedded database shares the process's memory, so its batches are smaller. */
const BATCH_SIZE = { embedded: 2_500, server: 5_000 } as const;

/** Records of an edition whose facts are kept while the database does the work: 8 MB each. */
const KEPT_FACTS = 50_000;

/** Opens the editions and the database and connects everything; no provider is asked yet. */
export async function openCascade(settings: Settings, log: Log): Promise<Cascade> {
  return await connectCascade(await openDatabase(settings, log), settings, log);
}

/** Connects everything on an open database, which is closed with the cascade. */
export async function connectCascade(database: SqlClient, settings: Settings, log: Log): Promise<Cascade> {
  const clock = createNodeClock();
  const maxmind = await openOrClose(database, () =>
    openInstalled(settings, {
      log,
      clock,
      database,
      maxKept: KEPT_FACTS,
      onClose: () => database.close(),
    }));
  return {
    inventory: createSqlInventoryStore(database),
    sessions: createSqlSessionStore(database),
    quota: createSqlQuotaLedger({ sql: database, policies: { greynoise: settings.greynoiseQuota } }),
    circuits: createSqlCircuitStore(database),
    maxmind,
    cymru: createCymruSource({
      connect: connectTcp,
      resolveTxt: createTxtResolver({ server: settings.cymruDnsServer }),
      clock,
      host: settings.cymruWhoisAddr.host,
      port: settings.cymruWhoisAddr.port,
      timeoutMs: settings.cymruTimeoutMs,
    }),
    greynoise: createGreynoiseSource({
      fetch: createFetch({ timeoutMs: settings.greynoiseTimeoutMs }),
      clock,
      server: settings.greynoiseApiServer,
      apiKey: settings.greynoiseApiKey,
      limiter: createTokenBucket({ ratePerSecond: GREYNOISE_PER_SECOND, burst: 1, clock }),
      timeoutMs: settings.greynoiseTimeoutMs,
    }),
    clock,
    random: Math.random,
    log,
    batchSize: settings.databaseUrl === null ? BATCH_SIZE.embedded : BATCH_SIZE.server,
    relieve: createHeapKeeper(),
    [Symbol.asyncDispose]: () => maxmind[Symbol.asyncDispose](),
  };
}

/** What opening the editions needs. */
interface InstalledDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** Where editions are with `EDITION_STORE=postgres`. */
  readonly database: SqlClient | null;
  readonly maxKept?: number;
  readonly onClose?: () => Promise<void>;
}

async function openInstalled(settings: Settings, deps: InstalledDeps): Promise<WatchedMaxmind> {
  const store = openEditionStore(settings, deps);
  await destroyExpired(store, settings, deps);
  return await openWatchedMaxmind({ ...deps, store, editionIds: settings.editionIds });
}

/** Opens the installed editions alone, for commands without a database of their own; dispose it to stop watching. */
export async function openMaxmind(
  settings: Settings,
  deps: { readonly log: Log; readonly clock: Clock; readonly maxKept?: number },
): Promise<WatchedMaxmind> {
  if (settings.editionStore === "file") return await openInstalled(settings, { ...deps, database: null });
  const database = await openDatabase(settings, deps.log);
  return await openOrClose(
    database,
    () => openInstalled(settings, { ...deps, database, onClose: () => database.close() }),
  );
}

/** The sessions alone, for commands that ask nobody; dispose it to give database and lock back. */
export async function openSessionStore(
  settings: Settings,
  log: Log,
): Promise<AsyncDisposable & { readonly sessions: SessionStore }> {
  const database = await openDatabase(settings, log);
  return { sessions: createSqlSessionStore(database), [Symbol.asyncDispose]: () => database.close() };
}

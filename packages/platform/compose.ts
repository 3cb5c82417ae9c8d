import type { AsnCounters, Clock, Log, RequestPurpose, RequestRecord, SessionStore } from "@ipcascade/core";
import { type EnrichDeps, recordInAll, type RefreshDeps } from "@ipcascade/operations";
import { createLookupCounter } from "@ipcascade/sources";
import {
  createSqlAsnCounters,
  createSqlCircuitStore,
  createSqlInventoryStore,
  createSqlQuotaLedger,
  createSqlRefreshStore,
  createSqlRequestHours,
  createSqlSessionStore,
  SERVER_COPY_FROM,
  type SqlClient,
} from "@ipcascade/store";
import { createHeapKeeper } from "./heap.ts";
import { createLimiters } from "./limiters.ts";
import { createNodeClock } from "./node_clock.ts";
import { openDatabase } from "./open_database.ts";
import { openInstalled } from "./open_maxmind.ts";
import { type LivelyDatabase, openLivelyDatabase } from "./lively_database.ts";
import { describeOwnProcess } from "./process_identity.ts";
import { RequestBook } from "./request_book.ts";
import { openOrClose } from "./open_or_close.ts";
import type { Settings } from "./settings.ts";
import type { WatchedMaxmind } from "./watched_maxmind.ts";
import { wireCymru, wireGreynoise } from "./wire_sources.ts";

/** The whole cascade with its database; dispose it to give database and lock back. */
export interface Cascade extends EnrichDeps, RefreshDeps, AsyncDisposable {
  readonly maxmind: WatchedMaxmind;
  readonly sessions: SessionStore;
  /** Addresses that are best asked and stored together where `relieve` is called between batches. */
  readonly batchSize: number;
  /** Batches that are best written at once. */
  readonly lanes: number;
  /** To be called between batches: keeps the heap small. */
  readonly relieve: () => void;
}

/**
 * The heap is kept small after each batch, and the more is in use by then, the longer that takes. With 5 000 addresses
 * `enrich` on a server takes a twentieth less for new ones, but a sixth more for fresh ones.
 */
const BATCH_SIZE = 2_500;

/** One batch is written while the next one is made. */
const SERVER_LANES = 2;

/** Megabytes of heap from which on garbage is collected beside a server: no database shares the process (ADR 0050). */
const SERVER_HEAP_MB = 160;

/** Records of an edition whose facts are kept while the database does the work: 8 MB each. */
export const KEPT_FACTS = 50_000;

/** What a cascade's requests are recorded as, and where. */
export interface CascadeRecording {
  readonly purpose: RequestPurpose;
  /** Takes note of them as well. */
  readonly meter?: RequestRecord;
  /** By default the machine's. */
  readonly clock?: Clock;
}

/**
 * Opens the editions and the database and connects everything; no provider is asked yet. `purpose` is what requests
 * are recorded under, `meter` takes note of them as well.
 */
export async function openCascade(
  settings: Settings,
  log: Log,
  purpose: RequestPurpose = "other",
  meter?: RequestRecord,
): Promise<Cascade> {
  return await connectCascade(await openLivelyDatabase(settings, log), settings, log, { purpose, meter });
}

/** Connects everything on an open database, which is closed with the cascade. */
export async function connectCascade(
  { sql: database, signs }: LivelyDatabase,
  settings: Settings,
  log: Log,
  { purpose, meter, clock = createNodeClock() }: CascadeRecording,
): Promise<Cascade> {
  const book = new RequestBook({ hours: createSqlRequestHours(database), purpose, clock, log });
  const record = meter === undefined ? book : recordInAll(book, meter);
  const maxmind = await openOrClose(database, () =>
    openInstalled(settings, {
      log,
      clock,
      database,
      maxKept: KEPT_FACTS,
      onLookup: createLookupCounter(record, queueMicrotask),
      onClose: () => book[Symbol.asyncDispose]().finally(() => database.close()),
    }));
  const refresh = createSqlRefreshStore({ sql: database, signs, clock });
  return {
    ...connectSources(database, settings, { clock, record }),
    inventory: createSqlInventoryStore(
      database,
      settings.databaseUrl === null ? {} : { copyFrom: SERVER_COPY_FROM },
    ),
    sessions: createSqlSessionStore(database),
    refresh,
    claims: refresh,
    owner: describeOwnProcess(),
    quota: createSqlQuotaLedger({ sql: database, policies: { greynoise: settings.greynoiseQuota } }),
    circuits: createSqlCircuitStore(database),
    maxmind,
    clock,
    random: Math.random,
    log,
    batchSize: BATCH_SIZE,
    lanes: settings.databaseUrl === null ? 1 : SERVER_LANES,
    relieve: createHeapKeeper(settings.databaseUrl === null ? undefined : SERVER_HEAP_MB),
    [Symbol.asyncDispose]: () => maxmind[Symbol.asyncDispose](),
  };
}

/** The remote sources, paced and recorded. */
function connectSources(
  database: SqlClient,
  settings: Settings,
  { clock, record }: { readonly clock: Clock; readonly record: RequestRecord },
): Pick<Cascade, "cymru" | "greynoise"> {
  const limiters = createLimiters({ clock, shared: settings.databaseUrl === null ? null : database });
  const wiring = { clock, record };
  return {
    cymru: wireCymru(settings, {
      ...wiring,
      sessionLimiter: limiters.cymru_whois,
      dnsLimiter: limiters.cymru_dns,
    }),
    greynoise: wireGreynoise(settings, { ...wiring, limiter: limiters.greynoise }),
  };
}

/** The sessions alone, for commands that ask nobody; dispose it to give database and lock back. */
export async function openSessionStore(
  settings: Settings,
  log: Log,
): Promise<AsyncDisposable & { readonly sessions: SessionStore }> {
  const database = await openDatabase(settings, log);
  return { sessions: createSqlSessionStore(database), [Symbol.asyncDispose]: () => database.close() };
}

/** The counters of the ASNs alone, for commands that ask nobody; dispose it to give database and lock back. */
export async function openAsnCounters(
  settings: Settings,
  log: Log,
): Promise<AsyncDisposable & { readonly counters: AsnCounters; readonly clock: Clock }> {
  const database = await openDatabase(settings, log);
  return {
    counters: createSqlAsnCounters(database),
    clock: createNodeClock(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import {
  type Clock,
  type EditionKind,
  EditionUnreadableError,
  type Log,
  type MaxmindSource,
  quoteInput,
  type SessionStore,
  UsageError,
} from "@ipcascade/core";
import type { EnrichDeps } from "@ipcascade/operations";
import {
  createCymruSource,
  createGreynoiseSource,
  createMaxmindSource,
  createTokenBucket,
  type EditionInput,
  isEditionOfKind,
  type Mmdb,
  openMmdb,
} from "@ipcascade/sources";
import {
  createSqlCircuitStore,
  createSqlInventoryStore,
  createSqlQuotaLedger,
  createSqlSessionStore,
  migrate,
  type SqlClient,
} from "@ipcascade/store";
import { createTxtResolver } from "./dns_txt.ts";
import { type EditionBytes, readEditionFiles } from "./edition_files.ts";
import { createHeapKeeper } from "./heap.ts";
import { createFetch } from "./http.ts";
import { createNodeClock } from "./node_clock.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { openPostgresDatabase } from "./postgres_database.ts";
import type { Settings } from "./settings.ts";
import { connectTcp } from "./tcp.ts";

/** GreyNoise asks for no more than ten requests a second. */
const GREYNOISE_PER_SECOND = 10;

/** The whole cascade with its database; dispose it to give database and lock back. */
export interface Cascade extends EnrichDeps, AsyncDisposable {
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
  const clock = createNodeClock();
  const maxmind = await openMaxmind(settings, { log, clock, maxKept: KEPT_FACTS });
  const database = await openDatabase(settings, log);
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
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** Opens the inventory's database and brings its schema up to date. */
export async function openDatabase(settings: Settings, log: Log): Promise<SqlClient> {
  const database = await connectDatabase(settings, log);
  try {
    const { applied } = await migrate(database);
    if (applied.length > 0) log.info("Schema is brought up to date", { migrations: applied.length });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function connectDatabase(settings: Settings, log: Log): Promise<SqlClient> {
  if (settings.databaseUrl !== null) {
    const poolSize = settings.databasePool === 0 ? availableParallelism() * 2 : settings.databasePool;
    return await openPostgresDatabase(settings.databaseUrl, { poolSize });
  }
  if (!existsSync(settings.dataDir)) {
    log.info("Creating the embedded database, which takes some seconds", { directory: settings.dataDir });
    await createDirectory(settings.dataDir);
  }
  return await openPgliteDatabase(settings.dataDir);
}

async function createDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new UsageError(`Cannot create the data directory ${quoteInput(path)}: ${code}`);
  }
}

/** Reads the installed editions into memory. One that can't be used is an incident, told and carried by the source. */
export async function openMaxmind(
  settings: Settings,
  deps: { readonly log: Log; readonly clock: Clock; readonly maxKept?: number },
): Promise<MaxmindSource> {
  const { city, asn } = await readEditionFiles(settings.editionDir, settings.editionIds);
  if ((city === null) !== (asn === null)) {
    const missing = city === null ? "City" : "ASN";
    deps.log.warn("One MaxMind edition is not installed", { missing, directory: settings.editionDir });
  }
  return createMaxmindSource({
    city: openEdition("city", city, deps.log),
    asn: openEdition("asn", asn, deps.log),
    elapsed: () => deps.clock.elapsed(),
    maxKept: deps.maxKept,
  });
}

function openEdition(kind: EditionKind, edition: EditionBytes | null, log: Log): EditionInput | null {
  const opened = edition instanceof Uint8Array ? tryToOpen(kind, edition) : edition;
  if (opened !== null && "failure" in opened) {
    log.error("An installed edition can't be used", { reason: opened.failure });
  }
  return opened;
}

function tryToOpen(kind: EditionKind, bytes: Uint8Array): Mmdb | { readonly failure: string } {
  try {
    const database = openMmdb(bytes);
    const { databaseType } = database.metadata;
    if (isEditionOfKind(kind, databaseType)) return database;
    return { failure: `Cannot use the ${kind} edition: its file holds "${databaseType}"` };
  } catch (error) {
    if (error instanceof EditionUnreadableError) return { failure: error.message };
    throw error;
  }
}

/** The sessions alone, for commands that ask nobody; dispose it to give database and lock back. */
export async function openSessionStore(
  settings: Settings,
  log: Log,
): Promise<AsyncDisposable & { readonly sessions: SessionStore }> {
  const database = await openDatabase(settings, log);
  return { sessions: createSqlSessionStore(database), [Symbol.asyncDispose]: () => database.close() };
}

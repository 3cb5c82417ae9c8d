import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Clock, type Log, StoreError } from "@ipcascade/core";
import {
  type HealthDatabase,
  type HealthStores,
  type OpenedHealthDatabase,
  openWhenFree,
} from "@ipcascade/operations";
import {
  createSqlAlertStates,
  createSqlCircuitStore,
  createSqlInventoryHealth,
  createSqlJobRuns,
  createSqlJobTimetable,
  createSqlQuotaLedger,
  findWriteBar,
  readSchema,
  type SqlClient,
} from "@ipcascade/store";
import { deferDatabase, waitAtMost } from "./lazy_database.ts";
import { createNodeClock } from "./node_clock.ts";
import { takeInRuns } from "./open_job_journal.ts";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { openPostgresDatabase } from "./postgres_database.ts";
import type { Settings } from "./settings.ts";
import { findDirectoryObstacle } from "./writable_directory.ts";

/** The database as health looks at it; dispose it to give it back. */
export interface HealthDatabaseHandle extends AsyncDisposable {
  readonly database: HealthDatabase;
  /** The same database for stores that take a client; it is opened with the first statement. */
  readonly sql: SqlClient;
}

/** One connection for each of the counts, and some for the rest. */
const POOL_SIZE = 6;

/** How long closing may take: a server that hangs is left to the end of the process. */
const CLOSE_MS = { server: 50, embedded: 2_000 } as const;

/**
 * Prepares the database for health: nothing is opened yet, and never made or migrated. An embedded database that
 * another process has open is waited for within the time.
 */
export function openHealthDatabase(
  settings: Settings,
  { timeoutMs, database: borrowed, clock = createNodeClock() }: BorrowOptions & {
    readonly timeoutMs: number;
  },
): HealthDatabaseHandle {
  const isServer = settings.databaseUrl !== null;
  let connecting: Promise<SqlClient | null> | null = null;
  const connect = () =>
    connecting ??= borrowed === undefined
      ? connectDatabase(settings, timeoutMs, clock)
      : borrowOrOpen(borrowed, settings, SILENT);
  let opening: Promise<OpenedHealthDatabase> | null = null;
  return {
    database: { open: () => opening ??= connect().then((sql) => describe(sql, settings)) },
    sql: deferDatabase({ get: () => connect().then(requireMade) }),
    [Symbol.asyncDispose]: async () => {
      const closing = connecting?.then((sql) => sql?.close()).catch(() => {}) ?? Promise.resolve();
      await waitAtMost(closing, isServer ? CLOSE_MS.server : CLOSE_MS.embedded);
    },
  };
}

function requireMade(sql: SqlClient | null): SqlClient {
  if (sql === null) throw new StoreError("Cannot use the database: it is not made yet");
  return sql;
}

/** Null for an embedded database that is not there yet: making one is not for health. */
async function connectDatabase(
  { databaseUrl, dataDir }: Settings,
  timeoutMs: number,
  clock: Clock,
): Promise<SqlClient | null> {
  if (databaseUrl !== null) {
    return await openPostgresDatabase(databaseUrl, {
      poolSize: POOL_SIZE,
      applicationName: "ipcascade health",
      // Later than the checks' own time: what ends there is silence, not a failure. Nobody waits for these.
      connectTimeoutMs: 2 * timeoutMs,
      statementTimeoutMs: 2 * timeoutMs,
      closeTimeoutMs: 0,
    });
  }
  if (!existsSync(join(dataDir, "postgres", "PG_VERSION"))) return null;
  const limitMs = Math.max(timeoutMs - SPARE_MS, timeoutMs / 2);
  return await openWhenFree(() => openPgliteDatabase(dataDir), { clock, limitMs });
}

/** Of the time for all checks, what is left for opening and reading a database that was waited for. */
const SPARE_MS = 1_000;

async function describe(sql: SqlClient | null, settings: Settings): Promise<OpenedHealthDatabase> {
  const kind = settings.databaseUrl === null ? "the embedded database" : "PostgreSQL";
  if (sql === null) {
    const schema = { version: 0, latest: 0, problem: null };
    const obstacle = await findDirectoryObstacle(settings.dataDir);
    return { kind, schema, latencyMs: 0, obstacle, stores: null };
  }
  const schema = await readSchema(sql);
  const startedAt = performance.now();
  await sql.query("select 1");
  const latencyMs = performance.now() - startedAt;
  const obstacle = (await findWriteBar(sql, schema))?.message ?? null;
  // Without them jobs that ran would look as if they had not.
  if (schema.version === schema.latest && obstacle === null) await takeInRuns(sql, settings, SILENT);
  const stores = schema.version === 0 ? null : createStores(sql, settings);
  return { kind, schema, latencyMs, obstacle, stores };
}

/** What can't be written now is brought in by another command. */
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

function createStores(sql: SqlClient, settings: Settings): HealthStores {
  return {
    ledger: createSqlQuotaLedger({ sql, policies: { greynoise: settings.greynoiseQuota } }),
    circuits: createSqlCircuitStore(sql),
    inventory: createSqlInventoryHealth(sql),
    alerts: createSqlAlertStates(sql),
    runs: createSqlJobRuns(sql),
    timetable: createSqlJobTimetable(sql),
  };
}

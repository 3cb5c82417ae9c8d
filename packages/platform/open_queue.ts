import type { EnrichQueue, Log, SessionStore } from "@ipcascade/core";
import {
  createQueueDatabase,
  createQueues,
  createSqlEnrichQueue,
  createSqlSessionStore,
  forgetLeases,
  QUEUE_SCHEMA,
  type QueueEngine,
  type SqlClient,
  SqlError,
} from "@ipcascade/store";
import { type Cascade, connectCascade } from "./compose.ts";
import { openDatabase } from "./open_database.ts";
import { openOrClose } from "./open_or_close.ts";
import { type LivelyDatabase, openLivelyDatabase } from "./lively_database.ts";
import { describeOwnProcess } from "./process_identity.ts";
import { createRedactor } from "./secrets.ts";
import { listSecrets, type Settings } from "./settings.ts";

/** The cascade and the queue on one pool of connections, and one more for signs of life. */
export interface QueueWorker extends Cascade {
  readonly queue: EnrichQueue;
}

/** The queue for commands that ask nobody; dispose it to give database and lock back. */
export interface OpenQueue extends AsyncDisposable {
  readonly queue: EnrichQueue;
  readonly sessions: SessionStore;
}

/** Opens what a worker needs; no provider is asked yet. Dispose it to give database and lock back. */
export async function openQueueWorker(settings: Settings, log: Log): Promise<QueueWorker> {
  const database = await openLivelyDatabase(settings, log);
  const queue = await openOrClose(database.sql, () => connectQueue(database, settings, log));
  return { ...await connectCascade(database, settings, log, { purpose: "work" }), queue };
}

/** Opens the queue alone. */
export async function openQueue(settings: Settings, log: Log): Promise<OpenQueue> {
  const database = await openDatabase(settings, log);
  const queue = await openOrClose(
    database,
    () => connectQueue({ sql: database, signs: database }, settings, log),
  );
  return {
    queue,
    sessions: createSqlSessionStore(database),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

async function connectQueue(
  { sql, signs }: LivelyDatabase,
  settings: Settings,
  log: Log,
): Promise<EnrichQueue> {
  const engine = await startFirst(signs, log);
  // Nobody else can have the embedded database open: whoever held batches there is gone.
  if (settings.databaseUrl === null) await forgetLeases({ sql, engine });
  return createSqlEnrichQueue({
    sql,
    signs,
    engine,
    worker: describeOwnProcess(),
    redact: createRedactor(listSecrets(settings)),
  });
}

/** SQLSTATE of a duplicate key. */
const UNIQUE_VIOLATION = "23505";

/**
 * Of processes that start on a database without queue at the same time, one makes the tables. pg-boss's lock lets
 * the others wait, but they may still remember that there was no schema, and fail; then it is there.
 */
async function startFirst(sql: SqlClient, log: Log): Promise<QueueEngine> {
  try {
    return await startEngine(sql, log);
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState !== UNIQUE_VIOLATION) throw error;
    return await startEngine(sql, log);
  }
}

/** Starts pg-boss and makes its tables where they are missing. It runs no timers of its own. */
async function startEngine(sql: SqlClient, log: Log): Promise<QueueEngine> {
  // Imported when needed: few commands use it.
  const { default: PgBoss } = await import("pg-boss");
  const engine = new PgBoss({
    db: createQueueDatabase(sql),
    schema: QUEUE_SCHEMA,
    supervise: false,
    schedule: false,
  });
  engine.on("error", ({ message }) => log.warn("Queue failed", { message }));
  await engine.start();
  await createQueues({ sql, engine });
  return engine;
}

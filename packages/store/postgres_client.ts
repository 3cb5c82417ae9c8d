import { type CopyDriver, runCopying } from "./_copying.ts";
import { createPatience, retryTransient } from "./_retry.ts";
import { SessionPool } from "./_session_pool.ts";
import { runQuery, type RunStatement, runTransaction } from "./_transaction.ts";
import { copyInText, listBeginStatements, selectRows } from "./copy_rows.ts";
import type { PostgresSession } from "./postgres_session.ts";
import type { SqlClient } from "./sql_client.ts";

/** How to use the sessions of a server. */
export interface PostgresClientOptions {
  /** Sessions at most. */
  readonly size: number;
  /** Texts that must never appear in a message, such as the password. */
  readonly secrets?: readonly string[];
  /** How long `close` waits for running statements, in milliseconds. */
  readonly closeTimeoutMs?: number;
  /** Told when the server is away and waited for; the error is a `SqlError`. */
  readonly onAway?: (error: unknown) => void;
  /** Pauses before further tries while the server is away, in milliseconds; by default some 17 s together. */
  readonly awayPausesMs?: readonly number[];
}

const DEFAULT_CLOSE_TIMEOUT_MS = 5_000;

/**
 * Makes sessions of a server a `SqlClient`. Each statement and each transaction has a session of its own while it runs:
 * postgres.js connects anew when a connection is lost, and what a lost transaction had still to say would run in another
 * one. Closing the client ends the sessions.
 */
export function createPostgresClient(
  openSession: () => PostgresSession,
  options: PostgresClientOptions,
): SqlClient {
  const { size, secrets = [], closeTimeoutMs = DEFAULT_CLOSE_TIMEOUT_MS, onAway, awayPausesMs } = options;
  const pool = new SessionPool(openSession, size);
  const patiently = createPatience({ onAway, pauses: awayPausesMs });
  const once = <T>(work: () => Promise<T>) => work();
  return {
    query: (text, params = [], { isRepeatable = true } = {}) =>
      (isRepeatable ? patiently : once)(() =>
        retryTransient(() => runQuery(runInSession(pool), text, params, secrets))
      ),
    transaction: (work) =>
      patiently(() => retryTransient(() => runTransaction((body) => begin(pool, body), work, secrets))),
    copying: (work, copyOptions = {}) =>
      runCopying((body) => beginCopying(pool, body, copyOptions.signal), work, {
        secrets,
        statements: listBeginStatements(copyOptions),
        signal: copyOptions.signal,
      }),
    close: () => pool.close(closeTimeoutMs),
  };
}

/** Runs one statement in a session of its own. */
function runInSession(pool: SessionPool): RunStatement {
  return (text, params) => pool.use((session) => runOn(session)(text, params));
}

function begin<T>(pool: SessionPool, body: (run: RunStatement) => Promise<T>): Promise<T> {
  return pool.use((session, giveUp) => runBetween(oneByOne(runOn(session)), body, giveUp));
}

/**
 * Sessions that gave rows, or did not take all of those they were given, are not used again. The signal counts until the
 * commit is sent.
 */
function beginCopying<T>(
  pool: SessionPool,
  body: (driver: CopyDriver) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return pool.use((session, giveUp) => {
    const run = oneByOne(runOn(session));
    return runBetween(run, async () => {
      const abandon = () => session.abandon();
      signal?.addEventListener("abort", abandon);
      try {
        return await body({
          run,
          copyOut: (rows) => {
            giveUp();
            return session.copyOut(`copy (${selectRows(rows)}) to stdout`);
          },
          copyIn: async (rows, chunks, options) => {
            try {
              await session.copyIn(copyInText(rows, { ...options, from: "stdin" }), chunks);
            } catch (error) {
              giveUp();
              throw error;
            }
          },
        });
      } finally {
        signal?.removeEventListener("abort", abandon);
      }
    }, giveUp);
  });
}

async function runBetween<T>(
  run: RunStatement,
  body: (run: RunStatement) => Promise<T>,
  giveUp: () => void,
): Promise<T> {
  await run("begin", []);
  let result: T;
  try {
    result = await body(run);
  } catch (error) {
    // A session that can't even undo is of no use.
    await run("rollback", []).catch(giveUp);
    throw error;
  }
  await run("commit", []);
  return result;
}

function runOn(session: PostgresSession): RunStatement {
  return async (text, params) => {
    // Statements with parameters are prepared: the driver would ask for the parameter types each time otherwise.
    const rows = params.length === 0
      ? await session.unsafe(text)
      : await session.unsafe(text, [...params], { prepare: true });
    // The driver's list is an array with more properties.
    return Array.from(rows);
  };
}

/** Sends a statement when the one before is over: none waits in the driver when the connection is lost. */
function oneByOne(run: RunStatement): RunStatement {
  let last: Promise<unknown> = Promise.resolve();
  return (text, params) => {
    const next = last.then(() => run(text, params));
    last = next.catch(() => {});
    return next;
  };
}

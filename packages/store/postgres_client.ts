import { createPatience, retryTransient } from "./_retry.ts";
import { runQuery, type RunStatement, runTransaction } from "./_transaction.ts";
import type { SqlClient, SqlParam } from "./sql_client.ts";

/** The part of a postgres.js connection or transaction that the adapter uses. */
export interface PostgresQueryable {
  /** Runs one statement as it is; nothing is inserted into its text. */
  unsafe(text: string, params?: SqlParam[], options?: { prepare: boolean }): PromiseLike<ArrayLike<unknown>>;
}

/** The part of postgres.js that the adapter uses. */
export interface PostgresDriver extends PostgresQueryable {
  /** Commits when the promise resolves, rolls back when it rejects. */
  begin(work: (tx: PostgresQueryable) => Promise<unknown>): Promise<unknown>;
  /** Ends the pool; running statements have `timeout` seconds. */
  end(options: { timeout: number }): Promise<void>;
}

/** How to use a postgres.js driver. */
export interface PostgresClientOptions {
  /** Texts that must never appear in a message, such as the password. */
  readonly secrets?: readonly string[];
  /** How long `close` waits for running statements, in milliseconds. */
  readonly closeTimeoutMs?: number;
  /** Told when the server is away and waited for; the error is a `SqlError`. */
  readonly onAway?: (error: unknown) => void;
}

const DEFAULT_CLOSE_TIMEOUT_MS = 5_000;

/** Makes a postgres.js pool a `SqlClient`. Closing the client ends the pool. */
export function createPostgresClient(driver: PostgresDriver, options: PostgresClientOptions = {}): SqlClient {
  const { secrets = [], closeTimeoutMs = DEFAULT_CLOSE_TIMEOUT_MS, onAway } = options;
  // Statements with parameters are prepared: the driver would ask for the parameter types each time otherwise.
  const runOn = (target: PostgresQueryable): RunStatement => async (text, params) => {
    const rows = params.length === 0
      ? await target.unsafe(text)
      : await target.unsafe(text, [...params], { prepare: true });
    // The driver's list is an array with more properties.
    return Array.from(rows);
  };
  const patiently = createPatience({ onAway });
  return {
    query: (text, params = []) =>
      patiently(() => retryTransient(() => runQuery(runOn(driver), text, params, secrets))),
    transaction: <T>(work: (tx: SqlClient) => Promise<T>) =>
      patiently(() =>
        retryTransient(() =>
          runTransaction<T>(
            async (body) => await driver.begin((tx) => body(runOn(tx))) as T,
            work,
            secrets,
          )
        )
      ),
    close: () => driver.end({ timeout: closeTimeoutMs / 1_000 }),
  };
}

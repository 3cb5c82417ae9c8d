import type { CopyOptions, CopyTransaction } from "./copy_rows.ts";

/**
 * What may be bound to a placeholder. Lists travel as array literals and documents as JSON text, with a cast; bytes
 * are `bytea`, which rows give as `Uint8Array` too.
 */
export type SqlParam = string | number | boolean | Uint8Array | null;

/** How a statement may be run. */
export interface QueryOptions {
  /** False: when the server is lost, the statement is not tried again. Default true. */
  readonly isRepeatable?: boolean;
}

/**
 * The database as the stores see it, whichever driver is behind it. Statements use `$1` placeholders with casts and
 * give numbers as `int` or `float8`, so that every driver returns the same values.
 */
export interface SqlClient {
  /**
   * Runs one statement and returns its rows. A statement outside a transaction is one of its own and is tried again
   * after a deadlock, and when the server was lost: its effect may be had twice, unless `isRepeatable` is false.
   * Throws `SqlError`.
   */
  query<Row>(text: string, params?: readonly SqlParam[], options?: QueryOptions): Promise<Row[]>;
  /**
   * Runs `work` in one transaction, which is rolled back when `work` throws or one of its statements failed. After a
   * deadlock or a serialization failure it starts again, so `work` must be repeatable. A transaction inside a
   * transaction takes part in the outer one. Throws `SqlError` and whatever `work` throws.
   */
  transaction<T>(work: (tx: SqlClient) => Promise<T>): Promise<T>;
  /**
   * Runs `work` once, in one transaction in which rows are streamed; it is rolled back when `work` throws. Throws
   * `SqlError` and whatever `work` throws.
   */
  copying<T>(work: (tx: CopyTransaction) => Promise<T>, options?: CopyOptions): Promise<T>;
  /** Waits for what is running and gives the connections back. */
  close(): Promise<void>;
}

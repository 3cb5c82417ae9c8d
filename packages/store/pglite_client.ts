import { decodeBytea, encodeBytea } from "./_bytea.ts";
import { runCopying } from "./_copying.ts";
import { copyPagesIn, copyPagesOut, type CopySource } from "./_pglite_copy.ts";
import { retryTransient } from "./_retry.ts";
import { runQuery, type RunStatement, runTransaction } from "./_transaction.ts";
import { listBeginStatements } from "./copy_rows.ts";
import type { SqlClient } from "./sql_client.ts";

/** How a statement is run. */
export interface PgliteQueryOptions {
  /** What `/dev/blob` is for a COPY from it. */
  readonly blob?: Blob;
}

/** The part of a PGlite transaction that the adapter uses. */
export interface PgliteQueryable {
  /** Runs one statement. */
  query(text: string, params?: unknown[], options?: PgliteQueryOptions): Promise<{ rows: unknown[] }>;
}

/** The part of PGlite that the adapter uses. */
export interface PgliteDriver extends PgliteQueryable {
  /** How values of a type, named by its OID, are written and read. */
  readonly serializers: Record<number, (value: Uint8Array) => string>;
  readonly parsers: Record<number, (text: string) => unknown>;
  /** Commits when the promise resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: PgliteQueryable) => Promise<T>): Promise<T>;
  /** Ends PGlite. */
  close(): Promise<void>;
}

const BYTEA = 17;

/** Makes an open PGlite a `SqlClient`. Closing the client closes PGlite. */
export function createPgliteClient(driver: PgliteDriver): SqlClient {
  // PGlite's own take ten times as long; with every statement, its whole table of types would be copied each time.
  driver.serializers[BYTEA] = encodeBytea;
  driver.parsers[BYTEA] = decodeBytea;
  const runOn = (target: PgliteQueryable): RunStatement => async (text, params) =>
    (await target.query(text, [...params])).rows;
  return {
    query: (text, params = []) => retryTransient(() => runQuery(runOn(driver), text, params, [])),
    transaction: (work) =>
      retryTransient(() => runTransaction((body) => driver.transaction((tx) => body(runOn(tx))), work, [])),
    copying: (work, copyOptions = {}) =>
      runCopying(
        (body) =>
          driver.transaction((tx) => {
            const run = runOn(tx);
            const copy = async (text: string, blob: CopySource) => {
              // PGlite asks it for its bytes, and for nothing else.
              await tx.query(text, [], { blob: blob as Blob });
            };
            return body({
              run,
              copyOut: (rows) => copyPagesOut(rows, run),
              copyIn: (rows, chunks, options) => copyPagesIn(rows, chunks, { ...options, copy }),
            });
          }),
        work,
        { secrets: [], statements: listBeginStatements(copyOptions) },
      ),
    close: () => driver.close(),
  };
}

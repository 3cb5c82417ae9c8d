import type { TableRows } from "@ipcascade/core";
import { type CopyInOptions, type CopyTarget, type CopyTransaction, joinRows } from "./copy_rows.ts";
import { runQuery, type RunStatement } from "./_transaction.ts";
import { type SqlError, toSqlError } from "./sql_error.ts";

/** What a driver does within a transaction. It throws the driver's errors. */
export interface CopyDriver {
  readonly run: RunStatement;
  /** Rows in the order of their key, in pieces of whole rows. */
  copyOut(rows: TableRows): AsyncIterable<Uint8Array>;
  copyIn(
    rows: CopyTarget,
    chunks: AsyncIterable<Uint8Array>,
    options: CopyInOptions,
  ): Promise<void>;
}

/**
 * Makes what a driver does a transaction that streams. A failed statement fails the whole, as a commit after it would
 * only look like success; `failure` tells of it.
 */
export function createCopyTransaction(driver: CopyDriver, secrets: readonly string[]) {
  let failure: SqlError | null = null;
  const note = (error: unknown): SqlError => {
    const known = toSqlError(error, secrets);
    failure ??= known;
    return known;
  };
  const client: CopyTransaction = {
    async query<Row>(...[text, params = []]: Parameters<CopyTransaction["query"]>): Promise<Row[]> {
      try {
        return await runQuery<Row>(driver.run, text, params, secrets);
      } catch (error) {
        throw note(error);
      }
    },
    async *copyOut(rows) {
      const pieces = joinRows(driver.copyOut(rows))[Symbol.asyncIterator]();
      try {
        while (true) {
          const next = await pieces.next().catch((error: unknown) => {
            throw note(error);
          });
          if (next.done) return;
          yield next.value;
        }
      } finally {
        await pieces.return?.();
      }
    },
    async copyIn(rows, chunks, options = {}) {
      const source = watchSource(chunks);
      try {
        await driver.copyIn(rows, source.chunks, options);
      } catch (error) {
        if (source.failure() === null) throw note(error);
        failure ??= toSqlError(error, secrets);
        throw source.failure()!.error;
      }
    },
  };
  return { client, failure: () => failure };
}

/** Tells failures of whoever gives the rows from failures of the database. */
function watchSource(chunks: AsyncIterable<Uint8Array>) {
  let failure: { readonly error: unknown } | null = null;
  async function* watched(): AsyncIterable<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { chunks: watched(), failure: () => failure };
}

/** Runs a transaction that streams between a driver's `begin` and its end. */
export async function runCopying<T>(
  begin: (body: (driver: CopyDriver) => Promise<T>) => Promise<T>,
  work: (tx: CopyTransaction) => Promise<T>,
  { secrets, statements, signal }: {
    readonly secrets: readonly string[];
    readonly statements: readonly string[];
    readonly signal?: AbortSignal;
  },
): Promise<T> {
  let thrown: { readonly error: unknown } | null = null;
  try {
    return await begin(async (driver) => {
      const { client, failure } = createCopyTransaction(driver, secrets);
      try {
        signal?.throwIfAborted();
        for (const statement of statements) await client.query(statement);
        const result = await work(client);
        if (failure() !== null) throw failure();
        signal?.throwIfAborted();
        return result;
      } catch (error) {
        thrown = { error };
        throw error;
      }
    });
  } catch (error) {
    // What failed because it was told to end says so.
    if (signal?.aborted && error !== null && thrown !== null) throw signal.reason;
    if (thrown !== null && (thrown as { error: unknown }).error === error) throw error;
    throw toSqlError(error, secrets);
  }
}

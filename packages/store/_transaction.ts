import type { SqlClient, SqlParam } from "./sql_client.ts";
import { SqlError, toSqlError } from "./sql_error.ts";

/** Runs one statement on a driver; throws the driver's error. */
export type RunStatement = (text: string, params: readonly SqlParam[]) => Promise<unknown>;

/** One query with its error translated. */
export async function runQuery<Row>(
  run: RunStatement,
  text: string,
  params: readonly SqlParam[],
  secrets: readonly string[],
): Promise<Row[]> {
  try {
    return await run(text, params) as Row[];
  } catch (error) {
    throw toSqlError(error, secrets);
  }
}

/**
 * Runs one transaction on a driver: `begin` opens it, passes the way to run statements, commits when the promise
 * resolves and rolls back when it rejects.
 */
export async function runTransaction<T>(
  begin: (body: (run: RunStatement) => Promise<T>) => Promise<T>,
  work: (tx: SqlClient) => Promise<T>,
  secrets: readonly string[],
): Promise<T> {
  const thrown: unknown[] = [];
  try {
    return await begin(async (run) => {
      const tx = createTransactionClient(run, secrets);
      try {
        const result = await work(tx.client);
        // A failed statement has undone everything already; a commit would only look like success.
        if (tx.failure() !== null) throw tx.failure();
        return result;
      } catch (error) {
        thrown.push(error);
        throw error;
      }
    });
  } catch (error) {
    if (thrown.includes(error)) throw error;
    throw toSqlError(error, secrets);
  }
}

function createTransactionClient(run: RunStatement, secrets: readonly string[]) {
  let failure: SqlError | null = null;
  const client: SqlClient = {
    async query<Row>(text: string, params: readonly SqlParam[] = []): Promise<Row[]> {
      try {
        return await runQuery<Row>(run, text, params, secrets);
      } catch (error) {
        if (error instanceof SqlError) failure ??= error;
        throw error;
      }
    },
    transaction: (inner) => inner(client),
    copying: () => Promise.reject(new TypeError("Cannot stream within a transaction: begin with it")),
    close: () => Promise.reject(new TypeError("Cannot close a transaction: close the client it came from")),
  };
  return { client, failure: () => failure };
}

import { StoreError } from "@ipcascade/core";
import type { CopyTransaction } from "./copy_rows.ts";
import type { SqlClient } from "./sql_client.ts";
import { isLostServer } from "./sql_error.ts";

/** Notes the transaction and the result of its work, as the last thing before it is committed. */
export type NoteEnd<T> = (tx: Pick<CopyTransaction, "query">, result: T) => Promise<void>;

/** Looks at a transaction that is still ending: so many times, with so many milliseconds between. */
const LOOKS = 30;
const LOOK_MS = 1_000;

/**
 * Runs a transaction. When the connection is lost while it is committed, the server is asked what became of it: what was
 * committed is a success. Throws `StoreError` saying so when nobody can tell.
 */
export async function withOutcome<T>(
  sql: SqlClient,
  run: (noteEnd: NoteEnd<T>) => Promise<T>,
): Promise<T> {
  let noted: { readonly id: string; readonly result: T } | null = null;
  try {
    return await run(async (tx, result) => {
      const [row] = await tx.query<{ id: string }>("select txid_current()::text as id");
      noted = { id: row!.id, result };
    });
  } catch (error) {
    const { id, result } = noted as { readonly id: string; readonly result: T } | null ??
      { id: null, result: null };
    if (id === null || !isLostServer(error)) throw error;
    if (await isCommitted(sql, id)) return result as T;
    throw error;
  }
}

async function isCommitted(sql: SqlClient, id: string): Promise<boolean> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const status = await findStatus(sql, id);
    if (status === "committed" || status === "aborted") return status === "committed";
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw unknownOutcome("its transaction is still open");
}

async function findStatus(sql: SqlClient, id: string): Promise<string | null> {
  try {
    const [row] = await sql.query<{ status: string | null }>(
      "select txid_status($1::text::bigint) as status",
      [id],
    );
    return row?.status ?? null;
  } catch (error) {
    throw unknownOutcome(error instanceof Error ? error.message : String(error));
  }
}

function unknownOutcome(reason: string): StoreError {
  return new StoreError(
    `Cannot tell whether the rows were replaced: the connection was lost at the commit, and then ${reason}; ` +
      "all of them were, or none",
  );
}

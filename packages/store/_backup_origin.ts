import type { BackupOrigin } from "@ipcascade/core";
import type { SqlClient } from "./sql_client.ts";
import { SqlError } from "./sql_error.ts";

/** SQLSTATEs of those who may not write: on a standby or in read-only transactions, and without the privilege. */
const MAY_NOT_WRITE: readonly (string | null)[] = ["25006", "42501"];

/** Gives the database an id, unless it has one or nothing can be written there. */
export async function ensureIdentity(sql: SqlClient): Promise<void> {
  const [row] = await sql.query("select 1::int as one from database_identity");
  if (row !== undefined) return;
  try {
    await sql.query("insert into database_identity (id) values (gen_random_uuid()) on conflict do nothing");
  } catch (error) {
    if (!(error instanceof SqlError && MAY_NOT_WRITE.includes(error.sqlState))) throw error;
  }
}

interface OriginRow {
  readonly id: string | null;
  readonly name: string;
  readonly server_version: string;
}

/** Says which database this is. */
export async function readOrigin(
  tx: Pick<SqlClient, "query">,
  kind: BackupOrigin["kind"],
): Promise<BackupOrigin> {
  const [row] = await tx.query<OriginRow>(
    `select (select id::text from database_identity) as id, current_database()::text as name,
      split_part(current_setting('server_version'), ' ', 1) as server_version`,
  );
  const { id, name, server_version } = row!;
  return { id, kind, name, server_version };
}

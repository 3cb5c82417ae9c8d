import { BackupRefusedError } from "@ipcascade/core";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import type { SqlClient } from "./sql_client.ts";

/**
 * A table that refers to rows, or whose rows are seen among them, keeps them from going. Its rows are not ours to
 * remove: throws `BackupRefusedError`.
 */
export async function checkReferences(tx: Pick<SqlClient, "query">): Promise<void> {
  const [row] = await tx.query<{ referring: string; referred: string }>(
    `with own as (
      select to_regclass(quote_ident(name)) as oid from unnest(string_to_array($1::text, ',')) as u (name)
    )
    select conrelid::regclass::text as referring, confrelid::regclass::text as referred from pg_constraint
    where contype = 'f' and confrelid in (select oid from own) and conrelid not in (select oid from own)
    union all
    select inhrelid::regclass::text, inhparent::regclass::text from pg_inherits
    where inhparent in (select oid from own)
    order by 1, 2 limit 1`,
    [BACKED_UP_TABLES.map(({ table }) => table).join(",")],
  );
  if (row === undefined) return;
  throw new BackupRefusedError(
    `Cannot replace the rows of ${row.referred}: the table ${row.referring}, which no backup holds, refers to them or inherits`,
  );
}

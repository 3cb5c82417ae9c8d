import { BackupRefusedError } from "@ipcascade/core";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import type { SqlClient } from "./sql_client.ts";

/** Throws `BackupRefusedError` when the role does not own the tables: it may not rest their triggers, nor empty them. */
export async function checkOwner(sql: Pick<SqlClient, "query">): Promise<void> {
  const [row] = await sql.query<{ table: string; owner: string; role: string }>(
    `select u.name as "table", pg_get_userbyid(c.relowner)::text as owner, current_user::text as role
    from unnest(string_to_array($1::text, ',')) with ordinality as u (name, place)
    join pg_class c on c.oid = to_regclass(quote_ident(u.name))
    where not pg_has_role(c.relowner, 'USAGE') order by u.place limit 1`,
    [BACKED_UP_TABLES.map(({ table }) => table).join(",")],
  );
  if (row === undefined) return;
  throw new BackupRefusedError(
    `Cannot replace the rows of ${row.table}: its owner ${JSON.stringify(row.owner)} may, ` +
      `the role ${JSON.stringify(row.role)} is no member of it`,
  );
}

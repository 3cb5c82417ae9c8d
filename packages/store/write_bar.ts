import type { WriteBar } from "@ipcascade/core";
import type { SqlClient } from "./sql_client.ts";

/** Tables that every kind of work writes to. */
const WRITTEN = ["ip_inventory", "source_state", "quota_ledger", "request_hour", "job_run"];

/** Finds out what keeps this session from writing, without writing anything; null when nothing does. Throws `SqlError`. */
export async function findWriteBar(sql: SqlClient): Promise<WriteBar | null> {
  const [row] = await sql.query<BarRow>(BAR, [`{${WRITTEN.join(",")}}`]);
  const { is_standby, is_read_only, user_name, barred } = row!;
  if (is_standby) {
    return { reason: "standby", message: "the server is a standby in recovery, which takes no writes" };
  }
  if (is_read_only) {
    return { reason: "read_only", message: `transactions of "${user_name}" are read-only here` };
  }
  if (barred === null) return null;
  return { reason: "privileges", message: `"${user_name}" may not insert into or update ${barred}` };
}

interface BarRow {
  readonly is_standby: boolean;
  readonly is_read_only: boolean;
  readonly user_name: string;
  readonly barred: string | null;
}

const BAR = `select pg_is_in_recovery() as is_standby,
    current_setting('transaction_read_only') = 'on' as is_read_only,
    current_user::text as user_name,
    (select string_agg(name, ', ' order by name)
      from unnest($1::text[]) as t (name)
      where not (has_table_privilege(to_regclass(name), 'insert')
        and has_table_privilege(to_regclass(name), 'update'))) as barred`;

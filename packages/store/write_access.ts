import type { SchemaState } from "./migrate.ts";
import type { SqlClient } from "./sql_client.ts";

/** Tables that jobs write to, whoever runs them. */
const WRITTEN = [
  "ip_inventory",
  "asn_inventory",
  "ip_asn_history",
  "sessions",
  "quota_ledger",
  "source_state",
  "source_rate",
  "request_hour",
  "job_run",
  "alert_state",
  "coverage_snapshot",
] as const;

/** Tables that are named; the others are counted. */
const MAX_NAMED = 3;

interface AccessRow {
  readonly is_standby: boolean;
  readonly is_read_only: boolean;
  readonly who: string;
  readonly can_create: boolean;
  /** Names with commas between them; null without any. */
  readonly closed: string | null;
  readonly foreign_tables: string | null;
}

/**
 * Why this program can't write to its tables, in one sentence; null when it can. Only the server's functions about
 * privileges are asked: nothing is written. Throws `SqlError`.
 */
export async function findWriteObstacle(
  sql: SqlClient,
  schema: Pick<SchemaState, "version" | "latest">,
): Promise<string | null> {
  const [row] = await sql.query<AccessRow>(ACCESS, [WRITTEN.join(",")]);
  return row === undefined ? null : describeAccess(row, schema);
}

// What is not there yet has no number, and is left out.
const ACCESS = `with written as (
    select u.name, c.oid, c.relowner from unnest(string_to_array($1::text, ',')) as u(name)
    join pg_class c on c.oid = to_regclass(u.name)
  )
  select pg_is_in_recovery() as is_standby, current_setting('transaction_read_only') = 'on' as is_read_only,
    current_user::text as who, coalesce(has_schema_privilege(current_schema(), 'create'), false) as can_create,
    (select string_agg(name, ',' order by name) from written
      where not (has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert')
        and has_table_privilege(oid, 'update'))) as closed,
    (select string_agg(name, ',' order by name) from written
      where not pg_has_role(relowner, 'usage')) as foreign_tables`;

function describeAccess(row: AccessRow, { version, latest }: Pick<SchemaState, "version" | "latest">) {
  if (row.is_standby) return "the server is a standby in recovery: nothing can be written there";
  const user = `the user "${row.who}"`;
  if (row.is_read_only) {
    return `${user} has read-only transactions (default_transaction_read_only): nothing can be written`;
  }
  if (row.closed !== null) return `${user} may not write ${nameTables(row.closed)}`;
  if (version === latest) return null;
  // Bringing the schema up to date needs more than writing rows.
  if (!row.can_create) return `${user} may not make tables: the schema can't be brought up to date`;
  if (row.foreign_tables === null) return null;
  return `${user} does not own ${nameTables(row.foreign_tables)}: the schema can't be brought up to date`;
}

function nameTables(list: string): string {
  const names = list.split(",");
  const rest = names.length - MAX_NAMED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `the table${names.length === 1 ? "" : "s"} ${names.slice(0, MAX_NAMED).join(", ")}${more}`;
}

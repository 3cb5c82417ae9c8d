import type { WriteBar } from "@ipcascade/core";
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
 * What keeps this program from writing to its tables; null when nothing does. A `schema` that is not the latest has to
 * be brought up to date as well. Only the server's functions about privileges are asked: nothing is written. Throws
 * `SqlError`.
 */
export async function findWriteBar(
  sql: SqlClient,
  schema: Pick<SchemaState, "version" | "latest"> | null = null,
): Promise<WriteBar | null> {
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

function describeAccess(
  row: AccessRow,
  schema: Pick<SchemaState, "version" | "latest"> | null,
): WriteBar | null {
  if (row.is_standby) {
    return {
      reason: "standby",
      message: "the server is a standby in recovery: nothing can be written there",
    };
  }
  const user = `the user "${row.who}"`;
  if (row.is_read_only) {
    const message =
      `${user} has read-only transactions (default_transaction_read_only): nothing can be written`;
    return { reason: "read_only", message };
  }
  const lack = describeLack(row, schema);
  return lack === null ? null : { reason: "privileges", message: `${user} ${lack}` };
}

function describeLack(
  { closed, can_create, foreign_tables }: AccessRow,
  schema: Pick<SchemaState, "version" | "latest"> | null,
): string | null {
  if (closed !== null) return `may not write ${nameTables(closed)}`;
  if (schema === null || schema.version === schema.latest) return null;
  // Bringing the schema up to date needs more than writing rows.
  if (!can_create) return "may not make tables: the schema can't be brought up to date";
  if (foreign_tables === null) return null;
  return `does not own ${nameTables(foreign_tables)}: the schema can't be brought up to date`;
}

function nameTables(list: string): string {
  const names = list.split(",");
  const rest = names.length - MAX_NAMED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `the table${names.length === 1 ? "" : "s"} ${names.slice(0, MAX_NAMED).join(", ")}${more}`;
}

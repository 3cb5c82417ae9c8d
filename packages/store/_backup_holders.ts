import type { LockHolder } from "@ipcascade/core";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import type { SqlClient } from "./sql_client.ts";

/** Somebody who holds a lock, as far as the database's rights let us see. */
export interface KnownHolder extends LockHolder {
  /** True: the server's own cleaning, which gives way to whoever asks for long enough. */
  readonly isVacuum: boolean;
}

interface HolderRow {
  readonly pid: number;
  readonly table: string;
  readonly application: string | null;
  readonly user: string | null;
  readonly address: string | null;
  readonly backend: string | null;
  readonly is_vacuum: boolean;
  readonly open_ms: number;
}

const MAX_LISTED = 20;

// What somebody else's session does is not asked: statements hold data. A prepared transaction has no process. Roles
// that may not see what a session is see that nobody's name is on it.
const HOLDERS = `select coalesce(l.pid, 0)::int as pid, min(u.name) as "table",
    a.application_name as application, a.usename::text as "user", host(a.client_addr) as address,
    a.backend_type as backend,
    bool_or(coalesce(a.backend_type = 'autovacuum worker',
      a.usesysid is null and l.mode = 'ShareUpdateExclusiveLock')) and bool_and(a.pid is not null) as is_vacuum,
    coalesce(greatest(date_part('epoch', clock_timestamp() - a.xact_start) * 1000, 0), 0)::float8 as open_ms
  from unnest(string_to_array($1::text, ',')) as u (name)
  join pg_locks l on l.locktype = 'relation' and l.granted and l.relation = to_regclass(quote_ident(u.name))
    and l.database = (select oid from pg_database where datname = current_database())
    and l.pid is distinct from pg_backend_pid()
  left join pg_stat_activity a on a.pid = l.pid
  group by l.pid, a.application_name, a.usename, a.client_addr, a.backend_type, a.xact_start
  order by open_ms desc, l.pid limit ${MAX_LISTED}`;

/** Who uses the tables that are backed up at this moment, the longest first. */
export async function listHolders(sql: Pick<SqlClient, "query">): Promise<readonly KnownHolder[]> {
  const names = BACKED_UP_TABLES.map(({ table }) => table).join(",");
  const rows = await sql.query<HolderRow>(HOLDERS, [names]);
  return rows.map((row) => ({
    pid: row.pid,
    who: describe(row),
    table: row.table,
    openMs: Math.round(row.open_ms),
    isVacuum: row.is_vacuum,
  }));
}

function describe({ pid, application, user, address, backend }: HolderRow): string {
  if (pid === 0) return "a prepared transaction";
  if (backend !== null && backend !== "client backend") return backend;
  // Clients name themselves: a quoted name can't pretend to be more.
  const name = application === null || application === "" ? "a client" : JSON.stringify(application);
  return `${name} of user ${JSON.stringify(user ?? "?")} at ${address ?? "this machine"}`;
}

import {
  beginOfStatement,
  type ConnectionUse,
  type DatabaseActivity,
  type LockWait,
  type SlowStatement,
} from "@ipcascade/core";
import type { SqlClient } from "./sql_client.ts";
import { findWriteBar } from "./write_access.ts";

/** What a server's statistics views say; `isServer` is false for the embedded database, which has one session. */
export function createSqlDatabaseActivity(
  sql: SqlClient,
  { isServer }: { readonly isServer: boolean },
): DatabaseActivity {
  return {
    ping: async () => void await sql.query("select 1 as one", [], { isRepeatable: false }),
    findWriteBar: () => findWriteBar(sql),
    listLockWaits: async () => {
      if (!isServer) return null;
      return (await sql.query<WaitRow>(WAITS)).map(readWait);
    },
    listSlowStatements: async (minMs) => {
      if (!isServer) return null;
      return (await sql.query<SlowRow>(SLOW, [minMs])).map(readSlow);
    },
    readConnections: async () => {
      if (!isServer) return null;
      const [row] = await sql.query<ConnectionRow>(CONNECTIONS);
      const { own_busy, ...use } = row!;
      return { ...use, ownBusy: own_busy };
    },
  };
}

/** The longest that are listed. */
const MAX_LISTED = 20;

// The lock's own time since PostgreSQL 14; before, that of the statement, by way of JSON as the column is missing there.
const WAITS = `select w.pid::int as waiting_pid, w.query as waiting_query,
    (date_part('epoch', clock_timestamp()
      - coalesce(l.since, w.query_start)) * 1000)::float8 as waited_ms,
    b.pid::int as blocking_pid, b.query as blocking_query, coalesce(b.state, 'unknown') as blocking_state,
    (date_part('epoch', b.xact_start) * 1000)::float8 as blocking_since_ms
  from pg_stat_activity w
  cross join lateral (select distinct pid from unnest(pg_blocking_pids(w.pid)) as p (pid)) p
  join pg_stat_activity b on b.pid = p.pid
  left join lateral (
    select min((to_jsonb(l) ->> 'waitstart')::timestamptz) as since
    from pg_locks l where l.pid = w.pid and not l.granted
  ) l on true
  where w.wait_event_type = 'Lock' and w.datname = current_database()
  order by waited_ms desc, blocking_pid limit ${MAX_LISTED}`;

const SLOW = `select pid::int as pid, query,
    (date_part('epoch', clock_timestamp() - query_start) * 1000)::float8 as running_ms
  from pg_stat_activity
  where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
    and backend_type = 'client backend' and wait_event_type is distinct from 'Lock'
    and clock_timestamp() - query_start >= $1::float8 * interval '1 millisecond'
  order by running_ms desc limit ${MAX_LISTED}`;

const OWN = "datname = current_database() and application_name = 'ipcascade' and pid <> pg_backend_pid()";

const CONNECTIONS = `select
    current_setting('max_connections')::int
      - current_setting('superuser_reserved_connections')::int as "limit",
    count(*) filter (where backend_type = 'client backend')::int as open,
    count(*) filter (where ${OWN})::int as own,
    count(*) filter (where ${OWN} and state <> 'idle')::int as own_busy
  from pg_stat_activity`;

interface WaitRow {
  readonly waiting_pid: number;
  readonly waiting_query: string;
  readonly waited_ms: number;
  readonly blocking_pid: number;
  readonly blocking_query: string;
  readonly blocking_state: string;
  readonly blocking_since_ms: number | null;
}

interface SlowRow {
  readonly pid: number;
  readonly query: string;
  readonly running_ms: number;
}

type ConnectionRow = Omit<ConnectionUse, "ownBusy"> & { readonly own_busy: number };

function readWait(row: WaitRow): LockWait {
  return {
    waitingPid: row.waiting_pid,
    waitingStatement: beginOfStatement(row.waiting_query),
    waitedMs: row.waited_ms,
    blockingPid: row.blocking_pid,
    blockingStatement: beginOfStatement(row.blocking_query),
    blockingState: row.blocking_state,
    blockingSince: row.blocking_since_ms === null ? null : Math.round(row.blocking_since_ms),
  };
}

function readSlow({ pid, query, running_ms }: SlowRow): SlowStatement {
  return { pid, statement: beginOfStatement(query), runningMs: running_ms };
}

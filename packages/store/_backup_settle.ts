import type { RestoreCarry } from "@ipcascade/core";
import {
  carryAudit,
  carryQuotaPolicies,
  carryRuns,
  keepTables,
  type KeptTables,
  namedTables,
} from "./_backup_kept.ts";
import type { SqlClient } from "./sql_client.ts";

type Transaction = Pick<SqlClient, "query">;

/** More open windows than any number of sources has. */
const MAX_WINDOWS = 1_000;

/** What a restore must not set back, as the database that is replaced has it. */
export interface KeptRows {
  /** The rows of the quota's windows that are still open, as one document. */
  readonly windows: string;
  readonly tables: KeptTables;
  /** When it was kept, in milliseconds since 1970 UTC. */
  readonly now: number;
}

/** Keeps it for the time when its tables are empty. */
export async function keepRows(tx: Transaction, now: number): Promise<KeptRows> {
  return { windows: await keepOpenWindows(tx, now), tables: await keepTables(tx), now };
}

/** The same where the tables stay, in a schema of that name. */
export async function findKeptRows(
  tx: Transaction,
  { own, now }: { readonly own: string; readonly now: number },
): Promise<KeptRows> {
  return { windows: await keepOpenWindows(tx, now), tables: namedTables(own), now };
}

async function keepOpenWindows(tx: Transaction, now: number): Promise<string> {
  const [row] = await tx.query<{ windows: string }>(
    `select coalesce(jsonb_agg(to_jsonb(w)), '[]')::text as windows from (
      select * from quota_ledger where greatest(ends_at, closed_until) > to_timestamp($1::float8 / 1000)
      order by ends_at desc limit ${MAX_WINDOWS}
    ) w`,
    [now],
  );
  return row!.windows;
}

/** Puts right what a restore must not set back, in the tables that the search path finds. */
export async function settleTables(tx: Transaction, kept: KeptRows): Promise<readonly RestoreCarry[]> {
  const carries = [
    await carryQuota(tx, kept.windows),
    await carryQuotaPolicies(tx, kept.tables),
    await carryAudit(tx, kept.tables),
    ...await carryRuns(tx, kept.tables, kept.now),
  ];
  return carries.filter(({ rows }) => rows > 0);
}

// The counter that is kept brings its generation along: whoever reserved before may still give units back.
const CARRY = `with carried as (
    insert into quota_ledger as l
    select k.* from jsonb_populate_recordset(null::quota_ledger, $1::text::jsonb) k
    on conflict (source, starts_at, ends_at) do update set
      used = greatest(l.used, excluded.used),
      quota_limit = case when excluded.used > l.used then excluded.quota_limit else l.quota_limit end,
      used_before = case when excluded.used > l.used then excluded.used_before else l.used_before end,
      first_used_at = case when excluded.used > l.used then excluded.first_used_at else l.first_used_at end,
      counting = case when excluded.used > l.used then excluded.counting else l.counting end,
      closed_until = greatest(l.closed_until, excluded.closed_until),
      updated_at = now()
    where excluded.used > l.used or excluded.closed_until > coalesce(l.closed_until, '-infinity')
    returning 1
  )
  select count(*)::int as rows from carried`;

async function carryQuota(tx: Transaction, windows: string): Promise<RestoreCarry> {
  const [row] = await tx.query<{ rows: number }>(CARRY, [windows]);
  return {
    table: "quota_ledger",
    rows: row!.rows,
    message: "units that were spent since the backup stay spent, and sources that were closed stay closed",
  };
}

import { JOB_LOST_MS, type RestoreCarry } from "@ipcascade/core";
import { readShapes, tableIn } from "./_backup_shapes.ts";
import { quoteName } from "./copy_rows.ts";
import type { SqlClient } from "./sql_client.ts";

type Transaction = Pick<SqlClient, "query">;

/** Where the rows of the database that is replaced can still be read, as SQL takes it. */
export interface KeptTables {
  readonly runs: string;
  readonly audit: string;
  readonly sources: string;
}

/** The tables of a schema themselves. */
export function namedTables(schema: string): KeptTables {
  return {
    runs: tableIn(schema, "job_run"),
    audit: tableIn(schema, "quota_audit"),
    sources: tableIn(schema, "source_state"),
  };
}

/** Copies them within the server, for as long as the transaction lasts. */
export async function keepTables(tx: Transaction): Promise<KeptTables> {
  const keep = async (table: string) => {
    const name = `ipcascade_kept_${table}`;
    await tx.query(`create temporary table ${quoteName(name)} on commit drop as table ${quoteName(table)}`);
    return tableIn("pg_temp", name);
  };
  return {
    runs: await keep("job_run"),
    audit: await keep("quota_audit"),
    sources: await keep("source_state"),
  };
}

/** Whether a run, by its kept record `k`, may go on at `$1`: it has no end, and gave a sign of life before. */
const GOES_ON = `k.ended_at is null and k.seen_at > to_timestamp(($1::float8 - ${JOB_LOST_MS}) / 1000)`;

/** Gives the runs of jobs the ends that are known, ends the rest, and keeps those that the backup has not. */
export async function carryRuns(
  tx: Transaction,
  { runs }: KeptTables,
  now: number,
): Promise<readonly RestoreCarry[]> {
  const known = await count(
    tx,
    `update job_run r set seen_at = k.seen_at, ended_at = k.ended_at, outcome = k.outcome, counts = k.counts,
      error = k.error, message = k.message
    from ${runs} k where k.id = r.id and r.ended_at is null and (k.ended_at is not null or ${GOES_ON})`,
    [now],
  );
  const stopped = await count(
    tx,
    `update job_run r set ended_at = greatest(started_at, seen_at), outcome = 'stopped',
      message = coalesce(message || ' ', '') || '(the backup that was restored was taken while it ran)'
    where ended_at is null and not exists (select from ${runs} k where k.id = r.id and ${GOES_ON})`,
    [now],
  );
  const names = (await listColumns(tx, "job_run")).join(", ");
  const kept = await count(
    tx,
    `insert into job_run (${names}) select ${names} from ${runs} on conflict (id) do nothing`,
  );
  return [{
    table: "job_run",
    rows: known + kept,
    message: "runs since the backup stay in the history, and so do ends that the backup does not know",
  }, {
    table: "job_run",
    rows: stopped,
    message: "runs that had no end when the backup was taken, and none since, count as stopped",
  }];
}

/** Keeps the changes of quotas that the backup has not; a change whose number is taken gets a new one. */
export async function carryAudit(tx: Transaction, { audit }: KeptTables): Promise<RestoreCarry> {
  const names = (await listColumns(tx, "quota_audit")).filter((name) => name !== quoteName("id")).join(", ");
  const rows = await count(
    tx,
    `insert into quota_audit (id, ${names}) overriding system value
    select case when is_taken then highest + row_number() over (partition by is_taken order by id) else id end, ${names}
    from (
      select k.*, exists (select from quota_audit q where q.id = k.id) as is_taken,
        (select max(id) from (select id from quota_audit union all select id from ${audit}) a) as highest
      from ${audit} k
      where not exists (
        select from quota_audit q where q.at = k.at and q.source = k.source and q.action = k.action
          and q.actor = k.actor and q.reason is not distinct from k.reason
          and q.before = k.before and q.after = k.after
      )
    ) lacking`,
  );
  return {
    table: "quota_audit",
    rows,
    message: "changes of quotas that the backup does not know stay written down",
  };
}

/** Keeps what was learned of quotas since the backup, from providers or from an operator. */
export async function carryQuotaPolicies(tx: Transaction, { sources }: KeptTables): Promise<RestoreCarry> {
  const learned = ["learned_limit", "learned_period", "learned_at", "learned_from"];
  const rows = await count(
    tx,
    `insert into source_state as s (source, ${learned.join(", ")})
    select source, ${learned.join(", ")} from ${sources} k where k.learned_at is not null
    on conflict (source) do update set ${learned.map((name) => `${name} = excluded.${name}`).join(", ")}
    where excluded.learned_at > coalesce(s.learned_at, '-infinity')`,
  );
  return { table: "source_state", rows, message: "what was set or learned of quotas since the backup stays" };
}

/** Runs a statement and gives how many rows it wrote. */
async function count(
  tx: Transaction,
  statement: string,
  parameters: readonly number[] = [],
): Promise<number> {
  const [row] = await tx.query<{ rows: number }>(
    `with written as (${statement} returning 1) select count(*)::int as rows from written`,
    [...parameters],
  );
  return row!.rows;
}

async function listColumns(tx: Transaction, table: string): Promise<readonly string[]> {
  const shape = (await readShapes(tx)).find((one) => one.table === table);
  return shape!.columns.map(({ name }) => quoteName(name));
}

import {
  isTickSettled,
  JOB_LOST_MS,
  type JobBeginning,
  type JobBeginOptions,
  type JobName,
  type JobRun,
  type JobStart,
  type TickSkip,
} from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { JOB_RUN_COLUMNS, type JobRunRow, readJobRun } from "./_job_run_row.ts";
import { cleanJson, cleanText } from "./_parameters.ts";
import type { SqlClient, SqlParam } from "./sql_client.ts";

/** Whoever begins a run waits for others that do: "jobs" in ASCII. */
const BEGIN_LOCK = 0x6a6f6273;

/** Until when a lease that is taken or renewed now lasts: the clock of the database counts alone, others differ. */
export const LEASE_END = `clock_timestamp() + interval '${JOB_LOST_MS} milliseconds'`;

/** Runs without a lease, as a command records them, are under way as long as their own clock says. */
const IS_UNDER_WAY = `ended_at is null and case when lease_until is null then seen_at >= ${
  instant("$2")
} else lease_until > clock_timestamp() end`;

/** See `JobRuns.begin`. */
export async function beginRun(
  sql: SqlClient,
  start: JobStart,
  { key, tickAt, conflicts = [] }: JobBeginOptions = {},
): Promise<JobBeginning> {
  const { id, job } = start;
  return await locked(sql, async (tx) => {
    // A transaction is done again when its commit got lost.
    const own = await findRun(tx, "id = $1::uuid", [id]);
    if (own !== null) return { state: "begun", run: own };
    if (key !== undefined) {
      const repeated = await findRun(tx, "job = $1::text and request_key = $2::text", [job, key]);
      if (repeated !== null) return { state: "repeated", run: repeated };
    }
    const readLatest = async () => tickAt === undefined ? null : await findTickRun(tx, job, tickAt);
    const settled = await readLatest();
    if (settled !== null && isTickSettled(settled)) return { state: "settled", run: settled };
    const underway = await findUnderWay(tx, start, conflicts);
    if (underway !== null) return { state: underway.job === job ? "running" : "conflicting", run: underway };
    await endLost(tx, [job, ...conflicts]);
    // The last try of the tick may be the one that was lost.
    const latest = await readLatest();
    if (latest !== null && isTickSettled(latest)) return { state: "settled", run: latest };
    const run = await insertRun(tx, start, { key, tickAt, attempt: (latest?.attempt ?? 0) + 1 });
    return { state: "begun", run };
  });
}

/** See `JobRuns.skipTick`. */
export async function skipTick(sql: SqlClient, { tickAt, error, ...start }: TickSkip): Promise<boolean> {
  return await locked(sql, async (tx) => {
    if (await findRun(tx, "id = $1::uuid", [start.id]) !== null) return true;
    const underway = await findUnderWay(tx, start, []);
    if (underway === null) await endLost(tx, [start.job]);
    const latest = await findTickRun(tx, start.job, tickAt);
    if (latest !== null && (isTickSettled(latest) || latest.id === underway?.id)) return false;
    await insertRun(tx, start, { tickAt, attempt: (latest?.attempt ?? 0) + 1 });
    await tx.query(
      `update job_run set outcome = 'skipped', ended_at = started_at, lease_until = null,
        error = $2::text::jsonb where id = $1::uuid`,
      [start.id, cleanJson(error)],
    );
    return true;
  });
}

/** The last run of a tick; null when there is none. */
export async function findTickRun(sql: SqlClient, job: JobName, tickAt: number): Promise<JobRun | null> {
  return await findRun(
    sql,
    `job = $1::text and tick_at = ${instant("$2")} order by job_run.attempt desc`,
    [job, tickAt],
  );
}

async function locked<T>(sql: SqlClient, work: (tx: SqlClient) => Promise<T>): Promise<T> {
  return await sql.transaction(async (tx) => {
    // What is looked at after the lock must be of after the lock, whatever the server's default is.
    await tx.query("set transaction isolation level read committed");
    // A process that is frozen in here must not keep all others from beginning anything: the server ends it.
    await tx.query("set local idle_in_transaction_session_timeout = '15s'");
    await tx.query("select pg_advisory_xact_lock($1::int, 0)", [BEGIN_LOCK]);
    return await work(tx);
  });
}

async function findRun(
  sql: SqlClient,
  condition: string,
  values: readonly SqlParam[],
): Promise<JobRun | null> {
  const [row] = await sql.query<JobRunRow>(
    `select ${JOB_RUN_COLUMNS} from job_run where ${condition} limit 1`,
    values,
  );
  return row === undefined ? null : readJobRun(row);
}

/** The job's own run before those of others. */
async function findUnderWay(
  tx: SqlClient,
  { job, startedAt }: JobStart,
  conflicts: readonly JobName[],
): Promise<JobRun | null> {
  return await findRun(
    tx,
    `job in (select $1::text union all select jsonb_array_elements_text($3::text::jsonb)) and ${IS_UNDER_WAY}
      order by job_run.job = $1::text desc, job_run.started_at desc`,
    [job, startedAt - JOB_LOST_MS, JSON.stringify(conflicts)],
  );
}

/**
 * Ends runs of jobs that nobody holds any more, as of when they were last seen. A run of a job that conflicts has to
 * learn that it lost its place just as one of the job itself.
 */
async function endLost(tx: SqlClient, jobs: readonly JobName[]): Promise<void> {
  await tx.query(
    `update job_run set outcome = 'lost', ended_at = greatest(seen_at, started_at), lease_until = null
    where job in (select jsonb_array_elements_text($1::text::jsonb)) and ended_at is null`,
    [JSON.stringify(jobs)],
  );
}

interface BegunRun {
  readonly key?: string;
  readonly tickAt?: number;
  readonly attempt: number;
}

async function insertRun(
  tx: SqlClient,
  { id, job, trigger, actor, startedAt }: JobStart,
  { key, tickAt, attempt }: BegunRun,
): Promise<JobRun> {
  const [row] = await tx.query<JobRunRow>(
    `insert into job_run
      (id, job, started_by, actor, started_at, seen_at, request_key, tick_at, attempt, lease_until)
    values ($1::uuid, $2::text, $3::text, $4::text, ${instant("$5")}, ${instant("$5")}, $6::text,
      case when $7::float8 is not null then ${instant("$7")} end, $8::int, ${LEASE_END})
    returning ${JOB_RUN_COLUMNS}`,
    [id, job, trigger, cleanText(actor), startedAt, key ?? null, tickAt ?? null, attempt],
  );
  return readJobRun(row!);
}

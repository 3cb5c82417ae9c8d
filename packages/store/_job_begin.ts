import { JOB_LOST_MS, type JobBeginning, type JobBeginOptions, type JobStart } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { JOB_RUN_COLUMNS, type JobRunRow, readJobRun } from "./_job_run_row.ts";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** Whoever begins a run of a job waits for others that do: "jobs" in ASCII, and the job. */
const BEGIN_LOCK = 0x6a6f6273;

interface FoundRow extends JobRunRow {
  readonly state: JobBeginning["state"];
}

// The first is what a transaction has that is done again because its commit got lost.
const FIND = `select ${JOB_RUN_COLUMNS},
    case when id = $1::uuid then 'begun' when request_key = $3::text then 'repeated' else 'running' end as state
  from job_run
  where id = $1::uuid or (job = $2::text and request_key = $3::text)
    or (job = $2::text and ended_at is null and seen_at >= ${instant("$4")})
  order by id = $1::uuid desc, request_key is not distinct from $3::text and request_key is not null desc,
    started_at desc
  limit 1`;

const INSERT = `insert into job_run (id, job, started_by, actor, started_at, seen_at, request_key)
  values ($1::uuid, $2::text, $3::text, $4::text, ${instant("$5")}, ${instant("$5")}, $6::text)
  returning ${JOB_RUN_COLUMNS}`;

/** See `JobRuns.begin`. */
export async function beginRun(
  sql: SqlClient,
  start: JobStart,
  { key = null }: { readonly key?: JobBeginOptions["key"] | null } = {},
): Promise<JobBeginning> {
  const { id, job, trigger, actor, startedAt } = start;
  return await sql.transaction(async (tx) => {
    // What is looked at after the lock must be of after the lock, whatever the server's default is.
    await tx.query("set transaction isolation level read committed");
    await tx.query("select pg_advisory_xact_lock($1::int, hashtext($2::text))", [BEGIN_LOCK, job]);
    const [found] = await tx.query<FoundRow>(FIND, [id, job, key, startedAt - JOB_LOST_MS]);
    if (found !== undefined) return { state: found.state, run: readJobRun(found) };
    const [begun] = await tx.query<JobRunRow>(INSERT, [id, job, trigger, cleanText(actor), startedAt, key]);
    return { state: "begun", run: readJobRun(begun!) };
  });
}

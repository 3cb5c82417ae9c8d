import type {
  JobCounts,
  JobEnd,
  JobError,
  JobName,
  JobOutcomeCount,
  JobRun,
  JobRuns,
  LatestRuns,
} from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { cleanJson, cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** The runs of jobs in SQL, in `job_run`. */
export function createSqlJobRuns(sql: SqlClient): JobRuns {
  return {
    start: async ({ id, job, trigger, actor, startedAt }) => {
      await sql.query(
        `insert into job_run (id, job, started_by, actor, started_at, seen_at)
        values ($1::uuid, $2::text, $3::text, $4::text, ${instant("$5")}, ${instant("$5")})
        on conflict (id) do nothing`,
        [id, job, trigger, cleanText(actor), startedAt],
      );
    },
    sign: async (id, { at, counts }) => {
      await sql.query(
        `update job_run set seen_at = greatest(seen_at, ${instant("$2")}),
          counts = coalesce($3::text::jsonb, counts)
        where id = $1::uuid and ended_at is null`,
        [id, at, counts === undefined ? null : cleanJson(counts)],
      );
    },
    end: (id, end) => endRun(sql, id, end),
    list: async ({ job = null, since = null, until = null, limit }) => {
      const rows = await sql.query<JobRunRow>(
        `select ${COLUMNS} from job_run
        where ($1::text is null or job = $1::text)
          and ($2::float8 is null or started_at >= ${instant("$2")})
          and ($3::float8 is null or started_at < ${instant("$3")})
        order by job_run.started_at desc, job_run.id limit $4::int`,
        [job, since, until, limit],
      );
      return rows.map(readRun);
    },
    countOutcomes: ({ since, until }) =>
      sql.query<JobOutcomeCount>(
        `select job, case when ended_at < ${instant("$2")} then outcome end as outcome, count(*)::int as runs
        from job_run where started_at >= ${instant("$1")} and started_at < ${instant("$2")}
        group by 1, 2 order by 1, 2`,
        [since, until],
      ),
    latest: () => readLatest(sql),
    firstAt: async () => {
      const [row] = await sql.query<{ at: number }>(
        "select date_part('epoch', min(applied_at)) * 1000 as at from schema_migration",
      );
      return Math.round(row!.at);
    },
  };
}

interface JobRunRow {
  readonly id: string;
  readonly job: JobName;
  readonly started_by: JobRun["trigger"];
  readonly actor: string;
  readonly started_ms: number;
  readonly seen_ms: number;
  readonly ended_ms: number | null;
  readonly outcome: JobRun["outcome"];
  readonly counts: string;
  readonly error: string | null;
  readonly message: string | null;
}

const COLUMNS = `id::text as id, job, started_by, actor,
  date_part('epoch', started_at) * 1000 as started_ms, date_part('epoch', seen_at) * 1000 as seen_ms,
  date_part('epoch', ended_at) * 1000 as ended_ms, outcome, counts::text as counts, error::text as error, message`;

function readRun(row: JobRunRow): JobRun {
  return {
    id: row.id,
    job: row.job,
    trigger: row.started_by,
    actor: row.actor,
    startedAt: Math.round(row.started_ms),
    seenAt: Math.round(row.seen_ms),
    endedAt: row.ended_ms === null ? null : Math.round(row.ended_ms),
    outcome: row.outcome,
    counts: JSON.parse(row.counts) as JobCounts,
    error: row.error === null ? null : JSON.parse(row.error) as JobError,
    message: row.message,
  };
}

async function endRun(sql: SqlClient, id: string, end: JobEnd): Promise<void> {
  const { outcome, counts, error, message, endedAt } = end;
  await sql.query(
    `update job_run set outcome = $2::text, counts = $3::text::jsonb, error = $4::text::jsonb,
      message = $5::text, ended_at = ${instant("$6")}, seen_at = greatest(seen_at, ${instant("$6")})
    where id = $1::uuid and ended_at is null`,
    [
      id,
      outcome,
      cleanJson(counts),
      error === null ? null : cleanJson(error),
      message === null ? null : cleanText(message),
      endedAt,
    ],
  );
}

/** One step through an index for each job: the table may hold years of runs. */
const LATEST = `with recursive names (job) as (
    (select job from job_run order by job limit 1)
    union all
    select (select next.job from job_run next where next.job > names.job order by next.job limit 1)
    from names where names.job is not null
  )
  select ${COLUMNS}
  from job_run
  where id in (
    select run.id from names cross join lateral (
      (select id from job_run where job_run.job = names.job order by started_at desc limit 1)
      union all
      (select id from job_run where job_run.job = names.job and outcome = 'succeeded'
        order by started_at desc limit 1)
    ) run
  )
  order by job_run.job, job_run.started_at desc`;

async function readLatest(sql: SqlClient): Promise<LatestRuns[]> {
  const runs = (await sql.query<JobRunRow>(LATEST)).map(readRun);
  const byJob = new Map<JobName, LatestRuns>();
  for (const run of runs) {
    const known = byJob.get(run.job);
    const latestSuccess = known?.latestSuccess ?? (run.outcome === "succeeded" ? run : null);
    byJob.set(run.job, { job: run.job, latest: known?.latest ?? run, latestSuccess });
  }
  return [...byJob.values()];
}

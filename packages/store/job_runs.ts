import type { JobEnd, JobName, JobOutcomeCount, JobRuns, LatestRuns } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { beginRun, findTickRun, LEASE_END, skipTick } from "./_job_begin.ts";
import { JOB_RUN_COLUMNS, type JobRunRow, readJobRun } from "./_job_run_row.ts";
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
    sign: async (id, { at, counts, isBelated = false }) => {
      const rows = await sql.query(
        `update job_run set seen_at = greatest(seen_at, ${instant("$2")}),
          counts = coalesce($3::text::jsonb, counts),
          lease_until = case when lease_until is null or $4::bool then lease_until else ${LEASE_END} end
        where id = $1::uuid and ended_at is null
        returning 1::int as one`,
        [id, at, counts === undefined ? null : cleanJson(counts), isBelated],
      );
      return rows.length > 0;
    },
    end: (id, end) => endRun(sql, id, end),
    begin: (start, options) => beginRun(sql, start, options),
    skipTick: (skip) => skipTick(sql, skip),
    latestTicks: async (at) => (await sql.query<JobRunRow>(LATEST_TICKS, [at])).map(readJobRun),
    findTick: (job, tickAt) => findTickRun(sql, job, tickAt),
    find: async (id) => {
      const [row] = await sql.query<JobRunRow>(
        `select ${JOB_RUN_COLUMNS} from job_run where id = $1::uuid`,
        [id],
      );
      return row === undefined ? null : readJobRun(row);
    },
    list: async ({ job = null, since = null, until = null, limit }) => {
      const rows = await sql.query<JobRunRow>(
        `select ${JOB_RUN_COLUMNS} from job_run
        where ($1::text is null or job = $1::text)
          and ($2::float8 is null or started_at >= ${instant("$2")})
          and ($3::float8 is null or started_at < ${instant("$3")})
        order by job_run.started_at desc, job_run.id limit $4::int`,
        [job, since, until, limit],
      );
      return rows.map(readJobRun);
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

async function endRun(sql: SqlClient, id: string, end: JobEnd): Promise<void> {
  const { outcome, counts, error, message, endedAt } = end;
  await sql.query(
    `update job_run set outcome = $2::text, counts = $3::text::jsonb, error = $4::text::jsonb,
      message = $5::text, ended_at = ${instant("$6")}, seen_at = greatest(seen_at, ${
      instant("$6")
    }), lease_until = null
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

// A range of one name: of an equality the planner makes a walk through the runs of all jobs, newest first, which for a
// job that ran long ago is the whole table.
const OF_JOB = "job_run.job between names.job and names.job";

/** One step through an index for each job: the table may hold years of runs. */
const NAMES = `with recursive names (job) as (
    (select job from job_run order by job limit 1)
    union all
    select (select next.job from job_run next where next.job > names.job order by next.job limit 1)
    from names where names.job is not null
  )`;

const LATEST_TICKS = `${NAMES}
  select ${JOB_RUN_COLUMNS}
  from job_run
  where id in (
    select run.id from names cross join lateral (
      select id from job_run where ${OF_JOB} and tick_at <= ${instant("$1")}
      order by job_run.job, tick_at desc, attempt desc limit 1
    ) run
    where names.job is not null
  )
  order by job_run.job`;

const LATEST = `${NAMES}
  select ${JOB_RUN_COLUMNS}
  from job_run
  where id in (
    select run.id from names cross join lateral (
      (select id from job_run where ${OF_JOB} order by job_run.job, started_at desc limit 1)
      union all
      (select id from job_run where ${OF_JOB} and outcome = 'succeeded'
        order by job_run.job, started_at desc limit 1)
    ) run
    where names.job is not null
  )
  order by job_run.job, job_run.started_at desc`;

async function readLatest(sql: SqlClient): Promise<LatestRuns[]> {
  const runs = (await sql.query<JobRunRow>(LATEST)).map(readJobRun);
  const byJob = new Map<JobName, LatestRuns>();
  for (const run of runs) {
    const known = byJob.get(run.job);
    const latestSuccess = known?.latestSuccess ?? (run.outcome === "succeeded" ? run : null);
    byJob.set(run.job, { job: run.job, latest: known?.latest ?? run, latestSuccess });
  }
  return [...byJob.values()];
}

import { JOB_NAMES, type JobName, type JobTimetable, type ScheduledJob } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

interface ScheduleRow {
  readonly job: JobName;
  readonly line: string | null;
  readonly since_ms: number;
  readonly seen_ms: number;
  readonly seen_by: string;
}

const COLUMNS = `job, line, date_part('epoch', since) * 1000 as since_ms,
  date_part('epoch', seen_at) * 1000 as seen_ms, seen_by`;

/** A scheduler that is at work notes itself each minute. */
const AT_WORK_MINUTES = 3;

/** A scheduler whose clock is ahead must not keep the others from what is due before its time. */
const LATEST = "clock_timestamp() + interval '1 minute'";
/** Of two schedulers with lines that differ the first one's are in force, as long as it is at work. */
const IS_ANOTHERS =
  `(job_schedule.line is distinct from excluded.line and job_schedule.seen_by <> excluded.seen_by
  and job_schedule.seen_at > excluded.seen_at - interval '${AT_WORK_MINUTES} minutes')`;
const AT = `least(${instant("$2")}, ${LATEST})`;

/** The cron lines in force in SQL, in `job_schedule`. */
export function createSqlJobTimetable(sql: SqlClient): JobTimetable {
  return {
    note: async ({ by, at, schedules }) => {
      const lines = JOB_NAMES.map((job) => ({ job, line: schedules[job] }));
      const rows = await sql.query<ScheduleRow>(
        `insert into job_schedule (job, line, since, seen_at, seen_by)
        select job, line, ${AT}, ${AT}, $3::text
        from jsonb_to_recordset($1::text::jsonb) as lines (job text, line text)
        order by job
        on conflict (job) do update set
          since = case when job_schedule.line is distinct from excluded.line and not ${IS_ANOTHERS}
            then excluded.since else least(job_schedule.since, ${LATEST}) end,
          line = case when ${IS_ANOTHERS} then job_schedule.line else excluded.line end,
          seen_at = case when ${IS_ANOTHERS} then job_schedule.seen_at
            else least(greatest(job_schedule.seen_at, excluded.seen_at), ${LATEST}) end,
          seen_by = case when ${IS_ANOTHERS} then job_schedule.seen_by else excluded.seen_by end
        returning ${COLUMNS}`,
        [JSON.stringify(lines), at, cleanText(by)],
      );
      return rows.map(readRow);
    },
    read: async () =>
      (await sql.query<ScheduleRow>(`select ${COLUMNS} from job_schedule order by job`)).map(readRow),
  };
}

function readRow(row: ScheduleRow): ScheduledJob {
  return {
    job: row.job,
    line: row.line,
    since: Math.round(row.since_ms),
    seenAt: Math.round(row.seen_ms),
    seenBy: row.seen_by,
  };
}

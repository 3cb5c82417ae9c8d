import type { RequestHour, RequestHours, SourceHour } from "@ipcascade/core";
import { instant } from "./_instants.ts";
import { cleanJson } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** What was asked of the sources in SQL, in `request_hour`. */
export function createSqlRequestHours(sql: SqlClient): RequestHours {
  return {
    addMany: async (hours) => {
      if (hours.length === 0) return;
      // Done twice it would count twice.
      await sql.query(ADD, [cleanJson(hours.map(writeHour))], { isRepeatable: false });
    },
    prune: async (before) => {
      const [row] = await sql.query<{ entries: number }>(PRUNE, [before]);
      return row!.entries;
    },
    list: async (since) => (await sql.query<HourRow>(LIST, [since])).map(readHour),
    perHour: async (source, since) => {
      const rows = await sql.query<SourceHourRow>(PER_HOUR, [source, since]);
      return rows.map(({ hour_ms, ...row }): SourceHour => ({ hourAt: hour_ms, ...row }));
    },
  };
}

// In the order of the key, so that writers wait for each other in one direction only.
const ADD = `insert into request_hour as kept
    (hour_at, source, channel, purpose, outcome, requests, addresses, duration_ms, buckets)
  select ${instant("hour_ms")}, source, channel, purpose, outcome, requests, addresses, duration_ms,
    string_to_array(buckets, ',')::int[]
  from jsonb_to_recordset($1::text::jsonb) as added (
    hour_ms float8, source text, channel text, purpose text, outcome text,
    requests bigint, addresses bigint, duration_ms float8, buckets text
  )
  order by 1, 2, 3, 4, 5
  on conflict (hour_at, source, channel, purpose, outcome) do update set
    requests = kept.requests + excluded.requests,
    addresses = kept.addresses + excluded.addresses,
    duration_ms = kept.duration_ms + excluded.duration_ms,
    buckets = (
      select array_agg(coalesce(a, 0) + coalesce(b, 0) order by place)
      from unnest(kept.buckets, excluded.buckets) with ordinality as pair (a, b, place)
    )`;

// What another process forgets at the same moment is left to it.
const PRUNE = `with old as (
    select ctid from request_hour where hour_at < ${instant("$1")} for update skip locked
  ), gone as (
    delete from request_hour where ctid in (select ctid from old) returning 1
  )
  select count(*)::int as entries from gone`;

const HOUR_MS = "(date_part('epoch', hour_at) * 1000)::float8";
/** The hour in which `since` lies is not over then. */
const NOT_OVER = (since: string) => `hour_at > ${instant(since)} - interval '1 hour'`;

const LIST = `select ${HOUR_MS} as hour_ms, source, channel, purpose, outcome,
    requests::float8 as requests, addresses::float8 as addresses, duration_ms,
    array_to_string(buckets, ',') as buckets
  from request_hour where ${NOT_OVER("$1")}
  order by hour_at, source, channel, purpose, outcome`;

const PER_HOUR = `select ${HOUR_MS} as hour_ms, channel, sum(requests)::float8 as requests,
    sum(addresses)::float8 as addresses,
    coalesce(sum(requests) filter (where outcome <> 'answered'), 0)::float8 as unanswered
  from request_hour where source = $1::text and ${NOT_OVER("$2")}
  group by hour_at, channel order by hour_at, channel`;

interface HourRow extends Pick<RequestHour, "source" | "channel" | "purpose" | "outcome"> {
  readonly hour_ms: number;
  readonly requests: number;
  readonly addresses: number;
  readonly duration_ms: number;
  readonly buckets: string;
}

type SourceHourRow = Omit<SourceHour, "hourAt"> & { readonly hour_ms: number };

function writeHour({ hourAt, durationMs, buckets, ...hour }: RequestHour): HourRow {
  return { ...hour, hour_ms: hourAt, duration_ms: durationMs, buckets: buckets.join(",") };
}

function readHour({ hour_ms, duration_ms, buckets, ...row }: HourRow): RequestHour {
  return { ...row, hourAt: hour_ms, durationMs: duration_ms, buckets: buckets.split(",").map(Number) };
}

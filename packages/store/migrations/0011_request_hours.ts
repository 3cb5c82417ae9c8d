import type { Migration } from "./migration.ts";

// The hour leads the key: reading the newest and forgetting the oldest are each one stretch of its index.
const requestHour = `create table request_hour (
  hour_at timestamptz not null,
  source text not null check (source in ('maxmind', 'cymru', 'greynoise')),
  channel text not null check (channel in ('local', 'whois', 'dns', 'http')),
  purpose text not null,
  outcome text not null check (outcome in ('answered', 'limited', 'timeout', 'unsent', 'failed')),
  requests bigint not null,
  addresses bigint not null,
  duration_ms float8 not null,
  buckets int[] not null,
  primary key (hour_at, source, channel, purpose, outcome)
)`;

/** What was asked of the sources, by the hour. */
export const requestHours: Migration = {
  version: 11,
  name: "request hours",
  statements: [requestHour],
};

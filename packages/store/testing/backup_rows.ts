import type { SqlClient } from "../sql_client.ts";

/** Rows of every table that is backed up, with values that are easily lost on the way. */
const ROWS: readonly string[] = [
  `insert into ip_inventory (ip_address, geo_country, geo_city, geo_latitude, geo_longitude, asn_number, asn_org,
      asn_source, enrichment, enrichment_ts, cymru_outcome, cymru_attempted_at, observation_count, last_seen_at)
    values ('192.0.2.1', 'DE', E'K\u00f6ln\\t\\\\N\\n\\r\u65e5\u672c\\U0001F600', 0.1::float8 + 0.2, 'NaN', 64500,
        E'back\\\\slash "quotes" \\b', 'maxmind',
        '{"big": 12345678901234567890.123456789012345678901234567890, "text": "\\\\u0001 \\\\\\\\ \\" \u00e9", "null": null}',
        '2026-01-02 03:04:05.678901+05:30', 'hit', '2026-01-01 00:00:00.000001+00', 9223372036854775807, 'infinity'),
      ('2001:db8::1', null, '', '-Infinity', '-0', 64501, null, 'cymru', '{}', '-infinity', 'failed', null, 0, null),
      ('192.0.2.2', null, null, 5e-324, 1.7976931348623157e308, null, null, null, '{"a": {"b": [1.0, 1e-7]}}',
        '0044-03-15 00:00:00+00 BC', null, null, 1, '294276-12-31 23:59:59.999999+00')`,
  `update ip_inventory set asn_number = 64502, asn_org = 'moved' where ip_address = '192.0.2.1'`,
  `insert into sessions (session_id, source_ip, in_inventory, started_at, covered) values
      (E'\\u00e9', '192.0.2.1', true, now(), '{}'), ('Z', null, false, null, '{(,)}'),
      ('a', '192.0.2.2', true, '2026-01-01 00:00:00.123456+00',
        '{[2026-01-01 00:00:00.5+00,2026-01-02 00:00:00+00),(2026-02-01 00:00:00+00,infinity]}')`,
  `insert into source_state (source, circuit_reason, learned_limit, learned_period)
    values ('greynoise', E'a\\nb', 25, 'week')`,
  `insert into source_rate values ('cymru', '2026-01-01 00:00:00.000001+00')`,
  `insert into quota_ledger (source, starts_at, ends_at, quota_limit, used)
    values ('greynoise', '2026-01-01 00:00:00+00', '2026-01-02 00:00:00+00', 100, 7)`,
  `insert into quota_audit (source, actor, reason, before, after, at)
    values ('greynoise', 'alice', null, '{"used": 1e2}', '[]', now())`,
  `insert into job_run (id, job, started_by, actor, started_at, seen_at, ended_at, outcome, counts, request_key)
    values ('00000000-0000-4000-8000-000000000001', 'refresh-stale', 'timer', 'bob', now(), now(), now(), 'succeeded',
      '{"rows": 1}', repeat('0f', 32))`,
  `insert into alert_state (key, notifier, grade, since, seen_at, title, message)
    values ('k', 'n', 'warning', now(), now(), E'\\\\.', E'\\\\N')`,
  `insert into coverage_snapshot values ('2026-01-31', now(), 1, '{"x": 0.10}', 'null')`,
  `insert into request_hour values ('2026-01-01 00:00:00+00', 'cymru', 'dns', 'refresh', 'answered', 1, 2, 0.1,
      '{1,NULL,-2147483648}'), ('2026-01-01 00:00:00+00', 'cymru', 'dns', '\u00c4', 'failed', 1, 2, 1e-300, '{}')`,
];

/** Puts them into empty tables. */
export async function writeUglyRows(sql: SqlClient): Promise<void> {
  for (const statement of ROWS) await sql.query(statement);
}

/** Adds addresses, each with a session and one of seven ASNs. */
export async function writeManyRows(sql: SqlClient, count: number): Promise<void> {
  await sql.query(
    `insert into ip_inventory (ip_address, asn_number, asn_org, asn_source, enrichment, observation_count)
    select '10.0.0.0'::inet + n, n % 7, 'AS ' || n % 7, 'maxmind', jsonb_build_object('maxmind',
      jsonb_build_object('asn', n % 7, 'city', 'City ' || n % 1000)), n from generate_series(1, $1::int) n`,
    [count],
  );
  await sql.query(
    `insert into sessions (session_id, source_ip, in_inventory)
    select 's' || n, '10.0.0.0'::inet + n, true from generate_series(1, $1::int) n`,
    [count],
  );
}

/** Changes every table, so that nothing is as it was. */
export async function changeEverything(sql: SqlClient): Promise<void> {
  const changes = [
    "update ip_inventory set geo_city = 'changed', asn_number = 1",
    "insert into ip_inventory (ip_address, asn_number) values ('198.51.100.1', 5)",
    "delete from sessions where session_id = 'Z'",
    "update sessions set commands = commands + 1",
    "delete from source_state",
    "insert into source_rate values ('new', now())",
    "delete from quota_audit",
    "delete from job_run",
    "update alert_state set message = 'other'",
    "delete from coverage_snapshot",
    "update request_hour set requests = requests + 1",
  ];
  for (const statement of changes) await sql.query(statement);
}

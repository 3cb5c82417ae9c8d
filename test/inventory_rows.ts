import { MS_PER_DAY } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";

/** What rows are made of; everything has a default. */
export interface SeedOptions {
  readonly now: number;
  /** Days since Cymru answered; null: never asked. Default 100. */
  readonly cymruDays?: number | null;
  /** Days since GreyNoise answered; null: never asked. Default 8. */
  readonly greynoiseDays?: number | null;
  /** Every row gets an observation count of its own, smaller from row to row. Default false. */
  readonly busy?: boolean;
}

/** The `index`th of the addresses that `seedRows` writes: distinct and global. */
export function seedAddress(index: number): string {
  return `23.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** Writes rows whose ASN Cymru named and that MaxMind does not know. */
export async function seedRows(sql: SqlClient, count: number, options: SeedOptions): Promise<void> {
  const { now, cymruDays = 100, greynoiseDays = 8, busy = false } = options;
  const at = (days: number | null) => days === null ? null : now - days * MS_PER_DAY;
  await sql.query(
    `with given as (
      select n, ('23.' || (n >> 16) || '.' || ((n >> 8) & 255) || '.' || (n & 255))::inet as ip,
        to_timestamp($2::float8 / 1000) as cymru_at, to_timestamp($3::float8 / 1000) as greynoise_at
      from generate_series(0, $1::int - 1) n
    )
    insert into ip_inventory (ip_address, asn_number, asn_org, asn_source, enrichment, enrichment_ts, scanner_ts,
      maxmind_outcome, cymru_outcome, cymru_attempted_at, greynoise_outcome, greynoise_attempted_at,
      observation_count, first_seen_at, last_seen_at, revision)
    select ip, case when cymru_at is not null then 64500 + n % 50 end,
      case when cymru_at is not null then 'OLD' end, case when cymru_at is not null then 'cymru' end,
      jsonb_strip_nulls(jsonb_build_object(
        'cymru', case when cymru_at is not null then jsonb_build_object('asn', 64500 + n % 50, 'asn_org', 'OLD',
          'checked_at', to_char(cymru_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) end,
        'greynoise', case when greynoise_at is not null then jsonb_build_object('noise', false, 'riot', false,
          'checked_at', to_char(greynoise_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) end,
        'address', '{"scope": "global"}'::jsonb, '_meta', '{"version": 1, "sources": {}}'::jsonb)),
      cymru_at, greynoise_at, 'miss',
      case when cymru_at is not null then 'hit' end, cymru_at,
      case when greynoise_at is not null then 'hit' end, greynoise_at,
      case when $4::bool then $1::int - n else 0 end, '2026-01-01', '2026-11-01', 1
    from given`,
    [count, at(cymruDays), at(greynoiseDays), busy],
  );
}

/** Rows as enrichment leaves them, with documents of their usual size, over 60 000 ASNs and 234 countries. */
export async function seedInventory(sql: SqlClient, rows: number): Promise<void> {
  await sql.query(
    `with given as (
      select n, ('23.' || (n >> 16) || '.' || ((n >> 8) & 255) || '.' || (n & 255))::inet as ip,
        (hashint4(n)::bigint & 1023)::int as known, (hashint4(n + 7000000)::bigint & 1023)::int as seen,
        power((hashint4(n + 13)::bigint & 65535) / 65536.0, 3) as skew
      from generate_series(0, $1::int - 1) n
    ), made as (
      select *, case when known < 970 then chr(65 + (skew * 26)::int % 26) || chr(65 + n % 9) end as country,
        case when known < 990 then floor(skew * 60000)::int + 1 end as asn,
        case when known < 940 then 'maxmind' when known < 990 then 'cymru' end as source,
        now() - interval '1 hour' * (n % 2400) as enriched,
        case when seen < 800 then now() - interval '1 hour' * (n % 240) end as scanned
      from given
    )
    insert into ip_inventory (ip_address, geo_country, asn_number, asn_org, asn_source, is_scanner, enrichment,
      enrichment_ts, scanner_ts, maxmind_outcome, cymru_outcome, cymru_attempted_at, greynoise_outcome, revision)
    select ip, country, asn, 'Organisation ' || asn, source, seen < 300,
      jsonb_strip_nulls(jsonb_build_object(
        'maxmind', jsonb_build_object('country_code', country, 'country_name', 'Country ' || country,
          'city', 'Springfield', 'latitude', 50.9375, 'longitude', -6.96, 'accuracy_radius', 20, 'asn', asn,
          'asn_org', 'Organisation ' || asn, 'database_build', '2026-11-20T00:00:00.000Z',
          'checked_at', '2026-11-22T12:00:00.000Z'),
        'greynoise', case when scanned is not null then jsonb_build_object('noise', seen < 300,
          'riot', seen between 300 and 330, 'classification', case when seen < 100 then 'malicious'
            when seen < 120 then 'benign' when seen < 300 then 'unknown' end, 'name', 'unknown',
          'last_seen', '2026-11-22', 'checked_at', '2026-11-22T12:00:00.000Z') end,
        'address', '{"scope": "global"}'::jsonb,
        '_meta', '{"version": 1, "sources": {"maxmind": {"outcome": "hit", "duration_ms": 0.01,
          "checked_at": "2026-11-22T12:00:00.000Z"}, "greynoise": {"outcome": "hit", "duration_ms": 120.5,
          "checked_at": "2026-11-22T12:00:00.000Z"}}}'::jsonb)),
      enriched, scanned, 'hit', case when source = 'cymru' then 'hit' end,
      case when source = 'cymru' then enriched end, case when scanned is not null then 'hit' end, 1
    from made`,
    [rows],
  );
  await sql.query("vacuum analyze ip_inventory");
}

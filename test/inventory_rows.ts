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

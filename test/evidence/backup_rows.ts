import type { SqlClient } from "@ipcascade/store";
import { seedInventory } from "../inventory_rows.ts";

/** How much a database holds. */
export interface BackupLoad {
  readonly rows: number;
  readonly sessions: number;
}

/** Every table that is backed up, besides `job_run`, which backing up itself writes to. */
export const COMPARED_TABLES: readonly string[] = [
  "ip_inventory",
  "asn_inventory",
  "ip_asn_history",
  "sessions",
  "source_state",
  "source_rate",
  "quota_ledger",
  "quota_audit",
  "alert_state",
  "coverage_snapshot",
  "request_hour",
];

/** Fills every table with rows as the product leaves them, and some that are hard to write down. */
export async function seedEverything(sql: SqlClient, { rows, sessions }: BackupLoad): Promise<void> {
  await seedInventory(sql, rows);
  await sql.query(`update ip_inventory set asn_number = asn_number + 1, asn_since = now()
    where ip_address in (select ip_address from ip_inventory where asn_number is not null order by ip_address limit 500)`);
  await sql.query(
    `update ip_inventory set enrichment = enrichment || $1::text::jsonb, geo_city = $2::text, geo_latitude = 1e-7
      where ip_address in (select ip_address from ip_inventory order by ip_address limit 3)`,
    [
      JSON.stringify({
        odd: 'tab\t newline\n back\\slash "quoted" ü 漢 \u{1f600}',
        big: 12345678901234567890,
        tiny: 1e-300,
      }),
      "Sao\tPaulo\\N\n",
    ],
  );
  await sql.query(
    `insert into sessions (session_id, source_ip, in_inventory, started_at, ended_at, duration_ms, login_attempts,
        commands, covered, snapshot_asn, snapshot_country, snapshot_at)
      select to_hex(n) || '-' || md5(n::text), i.ip_address, true, at, at + interval '90.000001 seconds', 90000, n % 9,
        n % 4, tstzmultirange(tstzrange(at, at + interval '90 seconds')), i.asn_number, i.geo_country, at
      from (select n, '2026-10-01'::timestamptz + n * interval '13.123457 seconds' as at,
          ('23.' || ((n % $2::int) >> 16) || '.' || (((n % $2::int) >> 8) & 255) || '.' || ((n % $2::int) & 255))::inet as ip
        from generate_series(0, $1::int - 1) n) s
      join ip_inventory i on i.ip_address = s.ip`,
    [sessions, rows],
  );
  await sql.query(`insert into sessions (session_id, source_ip, covered) values ('odd\\é', null, '{}'),
    ('endless', '::1', '{(-infinity,infinity)}')`);
  await sql.query(
    `insert into source_state (source, circuit_failures, learned_limit, learned_period, learned_at)
    values ('cymru', 2, null, null, null), ('greynoise', 0, 500, 'day', now())`,
  );
  await sql.query(`insert into source_rate (name, next_at) values ('greynoise', now())`);
  await sql.query(`insert into quota_ledger (source, starts_at, ends_at, quota_limit, used)
    select 'greynoise', d, d + interval '1 day', 10000, 77 from generate_series(date_trunc('day', now(), 'UTC')
      - interval '40 days', date_trunc('day', now(), 'UTC'), interval '1 day') d`);
  await sql.query(`insert into quota_audit (source, actor, reason, before, after, at)
    select 'greynoise', 'op', 'because ' || n, '{"used": 1}', '{"used": 0}', now() from generate_series(1, 30) n`);
  await sql.query(`insert into alert_state (key, notifier, grade, since, seen_at, title, message)
    select k, 'mail', 'warning', now(), now(), 'Title', E'a\\tmessage' from unnest('{quota,Zebra,ärger,_x}'::text[]) k`);
  await sql.query(`insert into coverage_snapshot (day, measured_at, version, figures, quota)
    select d, d, 1, '{"addresses": 1.50}', '[]' from generate_series('2026-01-01'::timestamptz, '2026-11-01', '1 day') d`);
  await sql.query(`insert into request_hour (hour_at, source, channel, purpose, outcome, requests, addresses,
      duration_ms, buckets)
    select h, 'greynoise', 'http', 'enrich', 'answered', 10, 10, 0.1 + 0.2, '{1,2,3}'
    from generate_series('2026-11-01'::timestamptz, '2026-11-20', '1 hour') h`);
}

/** For each table its rows and a digest of all their columns, derived ones included, whatever their order. */
export async function digestTables(
  sql: Pick<SqlClient, "query">,
  tables: readonly string[] = COMPARED_TABLES,
): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await sql.query<{ digest: string }>(
      `select count(*) || ' rows ' || coalesce(sum(hashtextextended(r::text, 7)::numeric), 0) as digest from ${table} r`,
    );
    digests[table] = row!.digest;
  }
  return digests;
}

/** Tables whose digests differ. */
export function listDifferences(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(a).filter((table) => a[table] !== b[table]).map((table) =>
    `${table}: ${a[table]} / ${b[table]}`
  );
}

import { reportCoverage } from "@ipcascade/operations";
import {
  createSqlCoverageStore,
  createSqlJobRuns,
  createSqlQuotaLedger,
  migrate,
  type SqlClient,
} from "@ipcascade/store";
import { openPostgresServer } from "@ipcascade/testkit";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { Claims, type Evidence } from "./figures.ts";

/** An inventory, and what a report on it may cost. */
export interface ReportCost {
  readonly rows: number;
  /** Reports, each after a run of the reference. */
  readonly rounds: number;
  /** How many times the reference a report may take; medians are compared. */
  readonly maxRatio: number;
  /** Megabytes by which the process may grow. */
  readonly maxGrownMb: number;
}

/** The plainest question about the whole table: what the runbook asks of columns. */
const REFERENCE = `select count(*)::int as addresses, count(asn_number)::int as with_asn,
    count(geo_country)::int as with_geo, (count(*) filter (where is_scanner))::int as scanners
  from ip_inventory`;

/** A report is one pass over the inventory: it costs a few times a plain aggregate, and memory does not grow with rows. */
export async function proveReport({ rows, rounds, maxRatio, maxGrownMb }: ReportCost): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  const sql = connectServer(await server.createDatabase(), 1);
  try {
    await migrate(sql);
    await seedInventory(sql, rows);
    const deps = {
      coverage: createSqlCoverageStore(sql),
      jobRuns: createSqlJobRuns(sql),
      quota: createSqlQuotaLedger({ sql, policies: { greynoise: { limit: 10_000, period: "day" } } }),
      clock: { now: () => Date.now() },
    };
    const times: { reference: number[]; report: number[] } = { reference: [], report: [] };
    await reportCoverage(deps);
    const rssBefore = Deno.memoryUsage().rss;
    for (let round = 0; round < rounds; round++) {
      const [truth] = await timed(times.reference, () => sql.query<Record<string, number>>(REFERENCE));
      const report = await timed(times.report, () => reportCoverage(deps));
      if (report.status !== "done") throw new Error(report.message);
      const told = {
        addresses: report.denominator.addresses,
        with_asn: report.asn.addresses,
        with_geo: report.geo.addresses,
        scanners: report.scanners.addresses,
      };
      claims.check(
        JSON.stringify(told) === JSON.stringify(truth),
        `reported ${JSON.stringify(told)}, true is ${JSON.stringify(truth)}`,
      );
      const top = await sql.query<{ asn: number; addresses: number }>(TOP_ASNS);
      const same = report.top_asns.every((one, index) =>
        one.asn_number === top[index]?.asn && one.addresses === top[index]?.addresses
      );
      claims.check(same && top.length === report.top_asns.length, "the top ASNs are not those of the rows");
    }
    const grownMb = Math.round((Deno.memoryUsage().rss - rssBefore) / 2 ** 20);
    const [reference, report] = [median(times.reference), median(times.report)];
    claims.check(
      report <= maxRatio * reference,
      `a report takes ${(report / reference).toFixed(2)} aggregates`,
    );
    claims.check(grownMb <= maxGrownMb, `the process grew by ${grownMb} MB`);
    return {
      conditions: `${rows} rows, PostgreSQL, medians of ${rounds}, by turns`,
      figures: {
        ratio: (report / reference).toFixed(2),
        reportMs: Math.round(report),
        aggregateMs: Math.round(reference),
        grownMb,
      },
      broken: claims.broken,
    };
  } finally {
    await sql.close();
  }
}

const TOP_ASNS = `select asn_number::float8 as asn, count(*)::int as addresses from ip_inventory
  where asn_number is not null group by asn_number order by count(*) desc, asn_number limit 10`;

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  times.push(performance.now() - started);
  return result;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Rows as enrichment leaves them, with documents of their usual size, over 60 000 ASNs and 234 countries. */
async function seedInventory(sql: SqlClient, rows: number): Promise<void> {
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

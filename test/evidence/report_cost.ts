import { reportCoverage } from "@ipcascade/operations";
import { createSqlCoverageStore, createSqlJobRuns, createSqlQuotaLedger, migrate } from "@ipcascade/store";
import { openPostgresServer } from "@ipcascade/testkit";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { seedInventory } from "../inventory_rows.ts";
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

import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import type { RefreshReport, SourceRefresh } from "@ipcascade/operations";
import type { SqlClient } from "@ipcascade/store";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { migrate } from "../../packages/store/migrate.ts";
import { seedAddress, seedRows } from "../inventory_rows.ts";
import { type CliResult, runCli } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";

/** How many rows are stale, and how scarce the quota is. */
export interface RefreshFaults {
  readonly rows: number;
  readonly quotaRows: number;
  readonly quota: number;
}

interface World {
  readonly lab: Lab;
  readonly sql: SqlClient;
  readonly claims: Claims;
  readonly figures: Record<string, number | string>;
  run(args: readonly string[], env?: Record<string, string>): Promise<CliResult>;
}

/** The whole command on stale rows: a source that fails now and then, one that always fails, and a scarce quota. */
export async function proveRefreshFaults(faults: RefreshFaults): Promise<Evidence> {
  await using lab = await openLab();
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const claims = new Claims();
  const figures: Record<string, number | string> = {};
  for (const prove of [proveSomeFail, proveAllFail, proveScarceQuota]) {
    const url = await server.createDatabase();
    const sql = connectServer(url, 1);
    await migrate(sql);
    const env = { ...lab.env, DATABASE_URL: url, IPCASCADE_DATA_DIR: dir.join("data") };
    lab.clearFaults();
    lab.requests.reset();
    await prove(faults, {
      lab,
      sql,
      claims,
      figures,
      run: (args, more) => runCli(args, { env: { ...env, ...more } }),
    });
    await sql.close();
  }
  return {
    conditions: `${faults.rows} stale rows of Team Cymru, ${faults.quotaRows} of GreyNoise with a quota of ` +
      `${faults.quota} a month, the command on a PostgreSQL server, stand-ins on loopback`,
    figures,
    broken: claims.broken,
  };
}

const REFRESH_CYMRU = ["refresh", "--source", "cymru", "--format", "json"] as const;

async function proveSomeFail({ rows }: RefreshFaults, world: World): Promise<void> {
  const { lab, sql, claims, figures } = world;
  await seedRows(sql, rows, { now: Date.now() });
  lab.setFault("cymruWhois", { kind: "errorLines", share: 0.1 });
  const started = performance.now();
  const first = await refresh(world, "cymru", REFRESH_CYMRU, 3);
  figures.secondsWithFailures = ((performance.now() - started) / 1_000).toFixed(1);
  claims.check(first.attempted === rows, `${first.attempted} of ${rows} rows were attempted`);
  claims.check(first.failed > rows * 0.08 && first.failed < rows * 0.12, `${first.failed} rows failed`);
  claims.check(first.refreshed + first.missed === rows - first.failed, "the others were refreshed");
  const old = await count(sql, "enrichment_ts < now() - interval '90 days'");
  claims.check(old === first.failed, `${old} rows have an old stamp, ${first.failed} failed`);
  figures.failed = first.failed;

  const second = await refresh(world, "cymru", REFRESH_CYMRU, 0);
  claims.check(second.attempted === 0, `${second.attempted} rows were attempted again at once`);

  await sql.query("update ip_inventory set cymru_retry_at = now() where cymru_outcome = 'failed'");
  lab.clearFaults();
  const third = await refresh(world, "cymru", REFRESH_CYMRU, 0);
  claims.check(third.attempted === first.failed, `${third.attempted} of ${first.failed} were tried again`);
  claims.check(await count(sql, "enrichment_ts < now() - interval '90 days'") === 0, "a row is still old");
}

async function proveAllFail({ rows }: RefreshFaults, world: World): Promise<void> {
  const { lab, sql, claims, figures } = world;
  await seedRows(sql, rows, { now: Date.now() });
  lab.setFault("cymruWhois", { kind: "drop" });
  const args = [...REFRESH_CYMRU];
  const started = performance.now();
  const report = await refresh(world, "cymru", args, 3, { CYMRU_TIMEOUT: "1s" });
  figures.secondsWithoutAnswer = ((performance.now() - started) / 1_000).toFixed(1);
  figures.skippedWithoutAnswer = report.skipped;
  claims.check(report.refreshed + report.missed === 0, "an answer came from nowhere");
  claims.check(report.attempted + report.skipped === rows, `${report.skipped} rows were skipped`);
  const untouched = await count(
    sql,
    "enrichment_ts < now() - interval '90 days' and enrichment #>> '{cymru,asn_org}' = 'OLD'",
  );
  claims.check(untouched === rows, `${rows - untouched} rows were stamped anew`);
  const told = await count(
    sql,
    `enrichment #>> '{_meta,sources,cymru,reason}' = 'circuit_open'
      and (enrichment #>> '{_meta,sources,cymru,until}')::timestamptz > now()`,
  );
  claims.check(told === report.skipped, `${told} of ${report.skipped} skipped rows say why and until when`);
}

/** Rows that ask GreyNoise at a time. */
const PART_ROWS = 10;

async function proveScarceQuota({ quotaRows, quota }: RefreshFaults, world: World): Promise<void> {
  const { sql, claims, figures } = world;
  await seedRows(sql, quotaRows, { now: Date.now(), busy: true });
  const env = { GREYNOISE_QUOTA: `${quota}/month` };
  const share = Math.floor(quota * 0.8);
  const args = ["refresh", "--source", "greynoise", "--format", "json"];
  const report = await refresh(world, "greynoise", args, 0, env);
  claims.check(report.attempted === share, `${report.attempted} of ${share} were attempted`);
  // Two parts ask at once, and either may reserve the last units.
  const among = share + PART_ROWS;
  const found = await count(
    sql,
    `observation_count > ${quotaRows - among} and greynoise_due_at > now()`,
  );
  claims.check(found === share, `${found} of ${share} attempted ones are among the ${among} busiest`);
  const waiting = `enrichment #>> '{_meta,sources,greynoise,reason}' = 'quota_exhausted'
    and (enrichment #>> '{_meta,sources,greynoise,until}')::timestamptz > now()`;
  const told = await count(sql, waiting);
  claims.check(told === quotaRows - share, `${told} rows say until when they wait`);
  claims.check(report.until !== null && report.skipped === quotaRows - share, "the report does not say so");
  figures.refreshedOfQuota = `${report.attempted} of ${quota}`;
  const people = Array.from({ length: quota - share }, (_, index) => seedAddress(quotaRows + index));
  const asked = await world.run(["enrich", ...people, "--sources", "greynoise", "--format", "ndjson"], env);
  const answered = asked.stdout.split("\n").filter((line) => line.includes('"noise":')).length;
  claims.check(
    asked.code === 0 && answered === quota - share,
    `${answered} of ${quota - share} were left for people`,
  );
  figures.leftForPeople = answered;
}

async function refresh(
  { claims, run }: World,
  source: "cymru" | "greynoise",
  args: readonly string[],
  status: number,
  env: Record<string, string> = {},
): Promise<SourceRefresh> {
  const result = await run(args, env);
  claims.check(
    result.code === status,
    `${args.join(" ")} ended with ${result.code}: ${result.stderr.slice(-300)}`,
  );
  return (JSON.parse(result.stdout) as RefreshReport).sources[source]!;
}

async function count(sql: SqlClient, condition: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*)::int as count from ip_inventory where ${condition}`,
  );
  return row!.count;
}

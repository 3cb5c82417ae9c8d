import { openPostgresServer } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";
import { ALL_ROWS, MS_PER_DAY } from "@ipcascade/core";
import { refreshStale } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { listDue } from "../../packages/store/_due_page.ts";
import { migrate } from "../../packages/store/migrate.ts";
import type { SqlClient } from "@ipcascade/store";
import { seedRows } from "../inventory_rows.ts";
import { Claims, type Evidence } from "./figures.ts";

/** Two inventories, and how much more a row may cost in the larger one. */
export interface RefreshCost {
  readonly small: number;
  readonly large: number;
  /** Part of the rows that is stale. */
  readonly share: number;
  /** Stale rows of a second comparison: the same number in both, so that the start of a run counts the same. */
  readonly same: number;
  readonly maxGrowth: number;
}

/** One session: the pause between two would hide what the database costs. */
const BATCH = 10_000;

/** Finding due rows uses an index: a refreshed row costs the same in a large inventory as in a small one. */
export async function proveRefreshCost(
  { small, large, share, same, maxGrowth }: RefreshCost,
): Promise<Evidence> {
  const claims = new Claims();
  await using lab = await openLab();
  await using server = await openPostgresServer();
  const figures: Record<string, number | string> = {};
  const perRow: { share: number; same: number }[] = [];
  for (const rows of [small, large]) {
    const url = await server.createDatabase();
    const sql = connectServer(url, 1);
    await migrate(sql);
    await seedRows(sql, rows, { now: Date.now(), cymruDays: 1, greynoiseDays: 1, busy: true });
    const settings = readSettings({
      env: { ...lab.env, DATABASE_URL: url, IPCASCADE_DATA_DIR: "/nonexistent" },
      flags: {},
      readFile: () => null,
    });
    await using cascade = await openCascade(settings, createStderrLog({ level: "error" }));
    const measure = async (stale: number) => {
      const times: number[] = [];
      for (let round = 0; round < 3; round++) {
        await makeStale(sql, rows, stale);
        // Team Cymru takes a session a second.
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        const rssBefore = Deno.memoryUsage().rss;
        const started = performance.now();
        const report = (await refreshStale(cascade, { sources: ["cymru"], batchSize: BATCH })).sources.cymru!;
        times.push((performance.now() - started) / stale);
        claims.check(report.attempted === stale, `${report.attempted} of ${stale} stale rows were refreshed`);
        figures[`grownMb${rows}`] = Math.round((Deno.memoryUsage().rss - rssBefore) / 2 ** 20);
      }
      return Math.min(...times);
    };
    const cost = { share: await measure(rows * share), same: await measure(same) };
    perRow.push(cost);
    figures[`msPerRow${rows}`] = `${cost.share.toFixed(3)}, ${cost.same.toFixed(3)} with ${same} stale rows`;
    if (rows === large) await makeStale(sql, rows, rows * share);
    for (const source of rows === large ? ["cymru", "greynoise"] as const : []) {
      const plan = await explain(sql, source);
      claims.check(
        !/Seq Scan on ip_inventory/.test(plan) && plan.includes(`ip_inventory_${source}_due`),
        `with ${rows} rows ${source} is found without its index:\n${plan}`,
      );
      figures[`plan of ${source}`] = findScan(plan);
    }
    await sql.close();
  }
  const growth = perRow[1]!.share / perRow[0]!.share;
  const growthOfSame = perRow[1]!.same / perRow[0]!.same;
  claims.check(growth < maxGrowth, `a row costs ${growth.toFixed(2)} times as much in ${large} rows`);
  return {
    conditions: `${small} and ${large} rows, ${
      share * 100
    } % stale, Team Cymru's stand-in, PostgreSQL, best of 3 runs`,
    figures: {
      growth: growth.toFixed(2),
      [`growthWith${same}Stale`]: growthOfSame.toFixed(2),
      ...figures,
    },
    broken: claims.broken,
  };
}

async function makeStale(sql: SqlClient, rows: number, stale: number): Promise<void> {
  const every = Math.floor(rows / stale);
  const old = "now() - interval '100 days'";
  // The observation count tells the row's number.
  await sql.query(
    `update ip_inventory set enrichment_ts = ${old}, cymru_attempted_at = ${old}, scanner_ts = ${old},
      greynoise_attempted_at = ${old} where observation_count % $1::int = 0 and observation_count <= $2::int`,
    [every, every * stale],
  );
  await sql.query("vacuum analyze ip_inventory");
}

/** The plan by which due rows are listed. */
async function explain(sql: SqlClient, source: "cymru" | "greynoise"): Promise<string> {
  const lines: string[] = [];
  const explaining: SqlClient = {
    ...sql,
    async query<Row>(text: string, params: Parameters<SqlClient["query"]>[1] = []) {
      const rows = await sql.query<Record<string, string>>(`explain (analyze, costs off) ${text}`, params);
      lines.push(...rows.map((row) => Object.values(row)[0]!));
      return [{ addresses: null, count: 0, last: null }] as Row[];
    },
  };
  const query = { now: Date.now() - MS_PER_DAY, filter: ALL_ROWS, force: false };
  await listDue(explaining, source, query, { after: null, limit: 20_000 });
  return lines.join("\n");
}

/** The line of a plan that tells how the inventory is read, with its condition. */
function findScan(plan: string): string {
  const lines = plan.split("\n").map((line) => line.trim());
  const at = lines.findIndex((line) => line.includes("on ip_inventory"));
  return lines.slice(at, at + 2).join(" ").replace(/^-> +/, "");
}

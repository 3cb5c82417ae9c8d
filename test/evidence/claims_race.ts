import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { migrate } from "../../packages/store/migrate.ts";
import { seedAddress, seedRows } from "../inventory_rows.ts";
import { runCli } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";

/** How many stale addresses how many processes ask about. */
export interface ClaimsRace {
  readonly addresses: number;
  /** Processes that enrich, besides one that refreshes. */
  readonly enrichers: number;
}

/** Processes that enrich and refresh the same addresses at once ask GreyNoise once about each, and all have the answer. */
export async function proveClaims({ addresses, enrichers }: ClaimsRace): Promise<Evidence> {
  const claims = new Claims();
  await using lab = await openLab();
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const sql = connectServer(url, 1);
  await migrate(sql);
  await seedRows(sql, addresses, { now: Date.now(), busy: true });
  const env = { ...lab.env, DATABASE_URL: url, IPCASCADE_DATA_DIR: dir.join("data") };
  const texts = Array.from({ length: addresses }, (_, index) => seedAddress(index));
  const orders = Array.from({ length: enrichers }, (_, index) => {
    const start = Math.floor(index * addresses / enrichers);
    return [...texts.slice(start), ...texts.slice(0, start)];
  });
  const options = ["--sources", "greynoise", "--batch-size", "20", "--format", "ndjson"];
  const ends = await Promise.all([
    ...orders.map((order) => runCli(["enrich", "-", ...options], { env, stdin: `${order.join("\n")}\n` })),
    runCli(["refresh", "--source", "greynoise", "--share", "--quiet"], { env }),
  ]);
  for (const [index, { code, stdout, stderr }] of ends.entries()) {
    claims.check(code === 0, `process ${index} ended with ${code}: ${stderr.slice(-300)}`);
    const records = stdout.split("\n").filter((line) => line.startsWith("{"));
    const old = records.filter((line) => Date.parse(JSON.parse(line).scanner_ts) < Date.now() - 3_600_000);
    claims.check(old.length === 0, `process ${index} gave ${old.length} records with an old answer`);
    claims.check(
      index === enrichers || records.length === addresses,
      `process ${index} gave ${records.length}`,
    );
  }
  const asked = lab.requests.greynoiseRequests;
  claims.check(asked === addresses, `${asked} requests for ${addresses} addresses`);
  const [left] = await sql.query<{ count: number }>("select count(*)::int as count from work_claim");
  claims.check(left!.count === 0, `${left!.count} claims are left`);
  await sql.close();
  return {
    conditions:
      `${enrichers} processes enrich and one refreshes the same ${addresses} stale addresses on one ` +
      "PostgreSQL server, GreyNoise at 10/s",
    figures: { addresses, requests: asked, claimsLeft: left!.count },
    broken: claims.broken,
  };
}

import postgres from "postgres";
import { enrichMany, refreshStale } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import { openPostgresServer, openTempDir, writeRealSizePair } from "@ipcascade/testkit";
import { chunksOf, randomAddresses } from "./addresses.ts";
import { copyInto, copyOut, makeCopyTable } from "./copy.ts";
import { measure, printRate } from "./report.ts";

const COUNT = Number(Deno.env.get("BENCH_ROWS") ?? 1_000_000);

/** Re-reading the whole inventory from a newer build, against a plain COPY of the same rows. */
export async function benchRefresh(): Promise<void> {
  await using dir = await openTempDir();
  const [old, now] = [dir.join("old"), dir.join("new")];
  await writeRealSizePair(old, { buildEpoch: 1_790_000_000 });
  await writeRealSizePair(now, { buildEpoch: 1_795_000_000 });
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  console.log(`\nrefresh: ${COUNT} rows of an older MaxMind build, on a PostgreSQL on the same machine`);
  const open = async (editions: string) => {
    const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: editions, IPCASCADE_DATA_DIR: dir.join("data") };
    const settings = readSettings({ env, flags: {}, readFile: () => null });
    return await openCascade(settings, createStderrLog({ level: "warn" }));
  };
  {
    await using cascade = await open(old);
    const run = enrichMany(chunksOf(randomAddresses(COUNT, 2)), cascade, { sources: ["maxmind"] });
    for await (const _ of run.records) { /* stored */ }
  }
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`vacuum analyze ip_inventory`;
    await sql`checkpoint`;
    await using cascade = await open(now);
    const refresh = await measure("refreshStale(), MaxMind alone", COUNT, async () => {
      const report = await refreshStale(cascade, { sources: ["maxmind"], lanes: cascade.lanes });
      const { attempted, remaining } = report.sources.maxmind!;
      if (attempted !== COUNT || remaining !== 0) throw new Error(`${attempted} rows, ${remaining} remain`);
    });
    const chunks = await copyOut(url);
    await makeCopyTable(sql);
    await sql`checkpoint`;
    const copy = await measure("reference: plain COPY of the same rows", COUNT, () => copyInto(sql, chunks));
    printRate(copy);
    printRate(refresh, { reference: copy, bar: 0.15 });
  } finally {
    await sql.end();
  }
}

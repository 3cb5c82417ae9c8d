import postgres from "postgres";
import { enrichMany } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import { openPostgresServer, openTempDir, writeRealSizePair } from "@ipcascade/testkit";
import { chunksOf, randomAddresses } from "./addresses.ts";
import { copyInto, copyOut, makeCopyTable } from "./copy.ts";
import { measure, printRate } from "./report.ts";

const COUNT = 200_000;

/** New and fresh addresses through the offline cascade into PostgreSQL, against a plain COPY of the same rows. */
export async function benchStore(): Promise<void> {
  await using dir = await openTempDir();
  await writeRealSizePair(dir.path);
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const addresses = randomAddresses(COUNT, 2);
  console.log(
    `\nstore: ${COUNT} distinct IPv4 addresses, MaxMind alone, into PostgreSQL on the same machine`,
  );

  const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: dir.path, IPCASCADE_DATA_DIR: dir.join("data") };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  await using cascade = await openCascade(settings, createStderrLog({ level: "warn" }));
  const enrich = async () => {
    let done = 0;
    const run = enrichMany(chunksOf(addresses), cascade, { sources: ["maxmind"] });
    for await (const batch of run.records) done += batch.length;
    if (done !== COUNT) throw new Error(`${done} records instead of ${COUNT}`);
  };
  const fresh = await measure("enrichMany(), new addresses", COUNT, enrich);
  const again = await measure("enrichMany(), the same addresses, all fresh", COUNT, enrich);

  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const chunks = await copyOut(url);
    await makeCopyTable(sql);
    const copy = await measure("reference: plain COPY of the same rows", COUNT, () => copyInto(sql, chunks));
    printRate(copy);
    await sql`truncate copied`;
    await sql`alter table copied add primary key (ip_address)`;
    const indexed = await measure(
      "reference: COPY into a table with its primary key",
      COUNT,
      () => copyInto(sql, chunks),
    );
    printRate(indexed);
    printRate(fresh, { reference: copy, bar: 0.25 });
    printRate(again, { reference: fresh, bar: 3 });
  } finally {
    await sql.end();
  }
}

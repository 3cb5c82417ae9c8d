import postgres from "postgres";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { enrichMany } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import { openPostgresServer, openTempDir, writeRealSizePair } from "@ipcascade/testkit";
import { chunksOf, randomAddresses } from "./addresses.ts";
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
    await sql`create table copied (like ip_inventory)`;
    const copy = await measure("reference: plain COPY of the same rows", COUNT, async () => {
      await pipeline(Readable.from(chunks), await sql`copy copied from stdin`.writable());
    });
    printRate(copy);
    await sql`truncate copied`;
    await sql`alter table copied add primary key (ip_address)`;
    const indexed = await measure("reference: COPY into a table with its primary key", COUNT, async () => {
      await pipeline(Readable.from(chunks), await sql`copy copied from stdin`.writable());
    });
    printRate(indexed);
    printRate(fresh, { reference: copy, bar: 0.25 });
    printRate(again, { reference: fresh, bar: 3 });
  } finally {
    await sql.end();
  }
}

/** The rows of the inventory as COPY writes them. */
async function copyOut(url: string): Promise<readonly Uint8Array[]> {
  // A connection of its own: postgres.js 3.4 may leave the socket paused when such a stream has ended.
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await sql`copy ip_inventory to stdout`.readable()) chunks.push(chunk);
    return chunks;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

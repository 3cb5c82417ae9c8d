import postgres from "postgres";
import { enrichMany } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import { openPostgresServer, openTempDir, type PostgresServer, writeRealSizePair } from "@ipcascade/testkit";
import { chunksOf, randomAddresses } from "./addresses.ts";
import { copyInto, copyOut, makeCopyTable } from "./copy.ts";
import { measure, medianOf, printRate, type Rate } from "./report.ts";

const COUNT = 200_000;
/** Each on a database of its own; the ratios are those of the medians. */
const ROUNDS = 3;

/** What one round measures. */
type Round = Readonly<Record<"fresh" | "again" | "copy" | "indexed", Rate>>;

/** New and fresh addresses through the offline cascade into PostgreSQL, against a plain COPY of the same rows. */
export async function benchStore(): Promise<void> {
  await using dir = await openTempDir();
  await writeRealSizePair(dir.path);
  await using server = await openPostgresServer();
  console.log(
    `\nstore: ${COUNT} distinct IPv4 addresses, MaxMind alone, into PostgreSQL on the same machine, ` +
      `medians of ${ROUNDS} rounds`,
  );
  const rounds: Round[] = [];
  for (let seed = 2; seed < 2 + ROUNDS; seed++) rounds.push(await runRound(server, dir.path, seed));
  const median = (name: keyof Round) => medianOf(rounds.map((round) => round[name]));
  printRate(median("copy"));
  printRate(median("indexed"));
  printRate(median("fresh"), { reference: median("copy"), bar: 0.25 });
  printRate(median("again"), { reference: median("fresh"), bar: 3 });
}

async function runRound(server: PostgresServer, editionDir: string, seed: number): Promise<Round> {
  await using dir = await openTempDir();
  const url = await server.createDatabase();
  const addresses = randomAddresses(COUNT, seed);
  const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: editionDir, IPCASCADE_DATA_DIR: dir.path };
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
  return { fresh, again, ...await measureCopy(url) };
}

async function measureCopy(url: string): Promise<Pick<Round, "copy" | "indexed">> {
  const chunks = await copyOut(url);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await makeCopyTable(sql);
    const copy = await measure("reference: plain COPY of the same rows", COUNT, () => copyInto(sql, chunks));
    await sql`truncate copied`;
    await sql`alter table copied add primary key (ip_address)`;
    const indexed = await measure(
      "reference: COPY into a table with its primary key",
      COUNT,
      () => copyInto(sql, chunks),
    );
    return { copy, indexed };
  } finally {
    await sql.end();
  }
}

import postgres from "postgres";
import { enrichMany } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import { openPostgresServer, openTempDir, type PostgresServer } from "@ipcascade/testkit";
import { chunksOf, randomAddresses } from "./addresses.ts";
import { copyInto, copyOut, makeCopyTable } from "./copy.ts";
import { commandLine, runProgram } from "./framework/processes.ts";
import { measureRate } from "./framework/runner.ts";
import type { Figures, Scenario } from "./framework/scenario.ts";

const COUNT = 500_000;
const FRESH = "enrichMany(), new addresses";
const KNOWN = "enrichMany() without records, all fresh";
const AGAIN = "enrichMany() with records, all fresh";
const COMMAND_NEW = "enrich FILE, whole process, new addresses";
const COMMAND_AGAIN = "enrich FILE, whole process, all fresh";
const FILL_NEW = "enrich FILE --format none, whole process, new addresses";
const FILL_AGAIN = "enrich FILE --format none, whole process, all fresh";
const COPY = "plain COPY of the same rows";
const INDEXED = "COPY into a table with its primary key";

/** New and fresh addresses through the offline cascade into PostgreSQL, against a plain COPY of the same rows. */
export const benchStore: Scenario = {
  name: "store",
  measures: "new and known addresses through the offline cascade into PostgreSQL, whole pipeline",
  rounds: 3,
  contests: [
    { ours: FRESH, reference: COPY, bar: 0.6 },
    { ours: FRESH, reference: INDEXED, bar: null },
    { ours: KNOWN, reference: FRESH, bar: 4 },
    { ours: AGAIN, reference: FRESH, bar: null },
    { ours: COMMAND_NEW, reference: COPY, bar: null },
    { ours: COMMAND_AGAIN, reference: COMMAND_NEW, bar: null },
    { ours: FILL_NEW, reference: COPY, bar: null },
    { ours: FILL_AGAIN, reference: FILL_NEW, bar: null },
  ],
  async prepare(inputs) {
    const { dir } = await inputs.editions();
    const count = inputs.count(COUNT);
    const file = await inputs.addressFile(COUNT);
    const server = inputs.resources.use(await openPostgresServer());
    return {
      conditions: [
        `${count} distinct IPv4 addresses, MaxMind alone`,
        "the command: start, NDJSON to /dev/null or no output, and the heap kept small included",
        "PostgreSQL on the same machine without fsync, a database of its own for each round",
      ],
      round: async (context) => {
        context.check();
        context.tell("new, known, and copied");
        return {
          ...await runRound(server, dir, { count, seed: 2 + context.index }),
          ...await runCommand(server, dir, { count, file, format: "ndjson" }, [COMMAND_NEW, COMMAND_AGAIN]),
          ...await runCommand(server, dir, { count, file, format: "none" }, [FILL_NEW, FILL_AGAIN]),
        };
      },
    };
  },
};

async function runRound(
  server: PostgresServer,
  editionDir: string,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Figures> {
  await using dir = await openTempDir();
  const url = await server.createDatabase();
  const addresses = randomAddresses(count, seed);
  const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: editionDir, IPCASCADE_DATA_DIR: dir.path };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  await using cascade = await openCascade(settings, createStderrLog({ level: "warn" }));
  const enrich = async (records: "all" | "none") => {
    let done = 0;
    const { lanes } = cascade;
    const run = enrichMany(chunksOf(addresses), cascade, { sources: ["maxmind"], lanes, records });
    for await (const batch of run.records) done += batch.length;
    if (done !== (records === "all" ? count : 0)) throw new Error(`${done} records of ${count} addresses`);
    return run.summary();
  };
  const fresh = await measureRate(count, () => enrich("all"));
  const again = await measureRate(count, () => enrich("all"));
  const known = await measureRate(count, async () => {
    const summary = await enrich("none");
    if (summary.fresh !== count) throw new Error(`${summary.fresh} fresh ones of ${count}`);
  });
  return { [FRESH]: fresh, [AGAIN]: again, [KNOWN]: known, ...await measureCopy(url, count) };
}

async function runCommand(
  server: PostgresServer,
  editions: string,
  { count, file, format }: { readonly count: number; readonly file: string; readonly format: string },
  [newOnes, freshOnes]: readonly [string, string],
): Promise<Figures> {
  await using dir = await openTempDir();
  const args = ["enrich", file, "--offline", "--format", format, "--quiet"];
  const program = commandLine(args, { editions, data: dir.path });
  const env = { ...program.env, DATABASE_URL: await server.createDatabase() };
  const run = async () => count / (await runProgram({ ...program, env }, { stdout: "null" })).seconds;
  return { [newOnes]: await run(), [freshOnes]: await run() };
}

async function measureCopy(url: string, count: number): Promise<Figures> {
  const chunks = await copyOut(url);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await makeCopyTable(sql);
    const copy = await measureRate(count, () => copyInto(sql, chunks));
    await sql`truncate copied`;
    await sql`alter table copied add primary key (ip_address)`;
    const indexed = await measureRate(count, () => copyInto(sql, chunks));
    return { [COPY]: copy, [INDEXED]: indexed };
  } finally {
    await sql.end();
  }
}

import postgres from "postgres";
import { enrichMany, refreshStale } from "@ipcascade/operations";
import { createStderrLog, openCascade, readSettings } from "@ipcascade/platform";
import {
  openPostgresServer,
  openTempDir,
  type PostgresServer,
  writeEditionPair,
  writeRealSizePair,
} from "@ipcascade/testkit";
import { chunksOf, randomAddresses } from "./addresses.ts";
import { copyInto, copyOut, makeCopyTable } from "./copy.ts";
import { measureRate } from "./framework/runner.ts";
import type { Figures, RoundContext, Scenario } from "./framework/scenario.ts";

const COUNT = 500_000;
const REFRESH = "refreshStale(), MaxMind alone";
const COPY = "plain COPY of the same rows";

/** Re-reading the whole inventory from a newer build, against a plain COPY of the same rows. */
export const benchRefresh: Scenario = {
  name: "refresh",
  measures: "re-reading the whole inventory from a newer MaxMind build, in PostgreSQL",
  rounds: 3,
  contests: [{ ours: REFRESH, reference: COPY, bar: 0.15 }],
  async prepare(inputs) {
    const [old, now] = [inputs.join("refresh-old"), inputs.join("refresh-new")];
    const write = inputs.isSmall ? writeEditionPair : writeRealSizePair;
    inputs.tell("writing an older and a newer pair of editions");
    await write(old, { buildEpoch: 1_790_000_000 });
    await write(now, { buildEpoch: 1_795_000_000 });
    const count = inputs.count(COUNT);
    const server = inputs.resources.use(await openPostgresServer());
    return {
      conditions: [
        `${count} rows of an older build`,
        "PostgreSQL on the same machine without fsync, a database of its own for each round",
      ],
      round: (context) => runRound(server, { old, now, count }, context),
    };
  },
};

interface Plan {
  /** Directories with the editions before and after. */
  readonly old: string;
  readonly now: string;
  readonly count: number;
}

async function runRound(
  server: PostgresServer,
  { old, now, count }: Plan,
  context: RoundContext,
): Promise<Figures> {
  await using dir = await openTempDir();
  const url = await server.createDatabase();
  const open = async (editions: string) => {
    const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: editions, IPCASCADE_DATA_DIR: dir.path };
    const settings = readSettings({ env, flags: {}, readFile: () => null });
    return await openCascade(settings, createStderrLog({ level: "warn" }));
  };
  context.tell("filling the inventory");
  {
    await using cascade = await open(old);
    const addresses = randomAddresses(count, 2 + context.index);
    const run = enrichMany(chunksOf(addresses), cascade, { sources: ["maxmind"] });
    for await (const _ of run.records) { /* stored */ }
  }
  context.check();
  context.tell(REFRESH);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`vacuum analyze ip_inventory`;
    await sql`checkpoint`;
    await using cascade = await open(now);
    const refresh = await measureRate(count, async () => {
      const report = await refreshStale(cascade, { sources: ["maxmind"], lanes: cascade.lanes });
      const { attempted, remaining } = report.sources.maxmind!;
      if (attempted !== count || remaining !== 0) throw new Error(`${attempted} rows, ${remaining} remain`);
    });
    const chunks = await copyOut(url);
    await makeCopyTable(sql);
    await sql`checkpoint`;
    return { [REFRESH]: refresh, [COPY]: await measureRate(count, () => copyInto(sql, chunks)) };
  } finally {
    await sql.end();
  }
}

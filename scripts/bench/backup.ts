import postgres from "postgres";
import { migrate } from "@ipcascade/store";
import { openPostgresServer, type PostgresServer } from "@ipcascade/testkit";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { seedInventory } from "../../test/inventory_rows.ts";
import { copyInto, copyOut, copyOutTo, makeCopyTable } from "./copy.ts";
import type { BenchInputs } from "./framework/inputs.ts";
import { commandLine, runProgram } from "./framework/processes.ts";
import { measureRate } from "./framework/runner.ts";
import type { Figures, RoundContext, Scenario } from "./framework/scenario.ts";

const COUNT = 1_000_000;
const ITSELF = "the backup itself";
const VERIFIED = "backup create, verification included";
const OUT = "COPY of the table to nowhere";
const RESTORE = "restore into an empty database";
const OVER = "restore over the same rows, which are saved first";
const PLAIN = "COPY into a table without indexes";
const INDEXED = "COPY into a table with its indexes";
const PEAK = "peak memory of backup and restores";
const BOUND = "bound on memory";
const BOUND_MB = 300;

/** Backing up and restoring by the command, against plain COPY of the inventory out of and into a table. */
export const benchBackup: Scenario = {
  name: "backup",
  measures: "backing the inventory up and restoring it by the command, start of the process included",
  rounds: 3,
  contests: [
    { ours: ITSELF, reference: OUT, bar: 0.5 },
    { ours: VERIFIED, reference: OUT, bar: 0.5 },
    { ours: RESTORE, reference: INDEXED, bar: 0.35 },
    { ours: OVER, reference: INDEXED, bar: 0.35 },
    { ours: RESTORE, reference: PLAIN, bar: null },
    { ours: OVER, reference: PLAIN, bar: null },
    { ours: PEAK, reference: BOUND, bar: 1, unit: "MB" },
  ],
  async prepare(inputs) {
    const { dir: editions } = await inputs.editions();
    const count = inputs.count(COUNT);
    const server = inputs.resources.use(await openPostgresServer());
    const from = await server.createDatabase();
    inputs.tell(`filling the inventory with ${count} rows`);
    const seeding = connectServer(from, 1);
    await migrate(seeding);
    await seedInventory(seeding, count);
    await seeding.close();
    return {
      conditions: [
        `${count} rows of the inventory`,
        "PostgreSQL (without fsync) and backups on the same machine",
      ],
      round: (context) => runRound({ server, from, count, editions, inputs }, context),
    };
  },
};

interface Plan {
  readonly server: PostgresServer;
  /** The database that is backed up. */
  readonly from: string;
  readonly count: number;
  readonly editions: string;
  readonly inputs: BenchInputs;
}

async function runRound(plan: Plan, context: RoundContext): Promise<Figures> {
  const { from, count } = plan;
  const to = await plan.server.createDatabase();
  const sql = postgres(from, { max: 1, onnotice: () => {} });
  try {
    await sql`checkpoint`;
    context.tell(OUT);
    const out = await measureRate(count, () => copyOutTo(from, () => {}));
    const run = async (name: string, args: readonly string[], url: string) => {
      context.check();
      context.tell(name);
      return await runCommand(plan, args, url);
    };
    const backup = await run(VERIFIED, ["backup", "create"], from);
    const { backup: made, verification, duration_ms } = JSON.parse(backup.stdout);
    const restore = await run(RESTORE, ["restore", made.id, "--yes"], to);
    const again = await run(OVER, ["restore", made.id, "--yes"], to);
    context.check();
    context.tell("COPY into tables");
    return {
      [OUT]: out,
      [ITSELF]: count / (duration_ms - verification.duration_ms) * 1_000,
      [VERIFIED]: count / backup.seconds,
      [RESTORE]: count / restore.seconds,
      [OVER]: count / again.seconds,
      [PEAK]: Math.max(backup.peakMb, restore.peakMb, again.peakMb),
      [BOUND]: BOUND_MB,
      ...await measureCopy(from, count),
    };
  } finally {
    await sql.end();
  }
}

async function runCommand({ editions, inputs }: Plan, args: readonly string[], url: string) {
  const program = commandLine([...args, "--format", "json"], { editions, data: inputs.join("data") });
  return await runProgram({
    ...program,
    env: { ...program.env, DATABASE_URL: url, BACKUP_DIR: inputs.join("backups") },
  });
}

async function measureCopy(from: string, count: number): Promise<Figures> {
  const chunks = await copyOut(from);
  const sql = postgres(from, { max: 1, onnotice: () => {} });
  try {
    await makeCopyTable(sql);
    await sql`checkpoint`;
    const plain = await measureRate(count, () => copyInto(sql, chunks));
    await sql`drop table copied`;
    await sql`create table copied (like ip_inventory including all)`;
    await sql`alter table copied drop column cymru_due_at, drop column greynoise_due_at`;
    await sql`checkpoint`;
    const indexed = await measureRate(count, () => copyInto(sql, chunks));
    await sql`drop table copied`;
    return { [PLAIN]: plain, [INDEXED]: indexed };
  } finally {
    await sql.end();
  }
}

import postgres from "postgres";
import { migrate } from "@ipcascade/store";
import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { runMeasured } from "../../test/evidence/measured_run.ts";
import { seedInventory } from "../../test/inventory_rows.ts";
import { copyInto, copyOut, copyOutTo, makeCopyTable } from "./copy.ts";
import { measure, printRate, type Rate } from "./report.ts";

const COUNT = Number(Deno.env.get("BENCH_ROWS") ?? 1_000_000);

/** Backing up and restoring by the command, against plain COPY of the inventory out of and into a table. */
export async function benchBackup(): Promise<void> {
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const [from, to] = [await server.createDatabase(), await server.createDatabase()];
  console.log(`\nbackup: ${COUNT} rows of the inventory, on a PostgreSQL on the same machine`);
  const seeding = connectServer(from, 1);
  await migrate(seeding);
  await seedInventory(seeding, COUNT);
  await seeding.close();
  const sql = postgres(from, { max: 1, onnotice: () => {} });
  try {
    await sql`checkpoint`;
    const out = await measure(
      "reference: COPY of the table to nowhere",
      COUNT,
      () => copyOutTo(from, () => {}),
    );
    const run = async (
      name: string,
      args: readonly string[],
      url: string,
    ): Promise<[Rate, number, string]> => {
      const env = {
        DATABASE_URL: url,
        BACKUP_DIR: dir.join("backups"),
        IPCASCADE_DATA_DIR: dir.join("data"),
        GEOIPUPDATE_DB_DIR: dir.join("editions"),
      };
      const { code, stdout, stderr, seconds, peakMb } = await runMeasured([...args, "--format", "json"], env);
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
      return [{ name, count: COUNT, seconds }, peakMb, stdout];
    };
    const [backup, backupMb, report] = await run(
      "backup create, verification included",
      ["backup", "create"],
      from,
    );
    const { backup: made, verification, duration_ms } = JSON.parse(report);
    const written = {
      name: "  of it the backup itself",
      count: COUNT,
      seconds: (duration_ms - verification.duration_ms) / 1_000,
    };
    const [restore, restoreMb] = await run(
      "restore into an empty database",
      ["restore", made.id, "--yes"],
      to,
    );
    const [again, againMb] = await run("restore over the same rows, which are saved first", [
      "restore",
      made.id,
      "--yes",
    ], to);
    const chunks = await copyOut(from);
    await makeCopyTable(sql);
    await sql`checkpoint`;
    const plain = await measure(
      "reference: COPY into a table without indexes",
      COUNT,
      () => copyInto(sql, chunks),
    );
    await sql`drop table copied`;
    await sql`create table copied (like ip_inventory including all)`;
    await sql`alter table copied drop column cymru_due_at, drop column greynoise_due_at`;
    await sql`checkpoint`;
    const indexed = await measure(
      "reference: COPY into a table with its indexes",
      COUNT,
      () => copyInto(sql, chunks),
    );
    printRate(out);
    printRate(written, { reference: out, bar: 0.5 });
    printRate(backup, { reference: out, bar: 0.5 });
    printRate(plain);
    printRate(indexed);
    for (const rate of [restore, again]) {
      printRate(rate, { reference: indexed, bar: 0.35 });
      printRate({ ...rate, name: "  against the table without indexes" }, { reference: plain });
    }
    console.log(`peak memory: backup ${backupMb} MB, restore ${restoreMb} and ${againMb} MB (bar 300 MB)`);
  } finally {
    await sql.end();
  }
}

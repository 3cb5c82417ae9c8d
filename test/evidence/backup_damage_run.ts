import { BackupDamagedError, type BackupManifest, BackupRefusedError } from "@ipcascade/core";
import { backUp, restoreBackup, verifyBackup } from "@ipcascade/operations";
import { createStderrLog, openBackups, readSettings } from "@ipcascade/platform";
import { migrate } from "@ipcascade/store";
import { FakeRandom, openPostgresServer, openTempDir, writeEditionPair } from "@ipcascade/testkit";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { DAMAGES } from "./backup_damage.ts";
import { type BackupLoad, digestTables, listDifferences, seedEverything } from "./backup_rows.ts";
import { Claims, type Evidence } from "./figures.ts";

/** How many times backups are damaged, one kind after the other. */
export interface DamageLoad extends BackupLoad {
  readonly damages: number;
}

/**
 * Damages backups at random, in every way that is known: verification finds each and names the member, a restore
 * refuses each and leaves the database as it is.
 */
export async function proveBackupDamages(load: DamageLoad): Promise<Evidence> {
  const claims = new Claims();
  const random = new FakeRandom(20_261_126);
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  await writeEditionPair(dir.join("editions"));
  const env = {
    DATABASE_URL: url,
    IPCASCADE_DATA_DIR: dir.join("data"),
    BACKUP_DIR: dir.join("backups"),
    GEOIPUPDATE_DB_DIR: dir.join("editions"),
  };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  const log = createStderrLog({ level: "error" });
  await using opened = await openBackups(settings, log, { productVersion: "0.1.0" });
  const { deps } = opened;
  const sql = connectServer(url, 1);
  try {
    await migrate(sql);
    await seedEverything(sql, load);
    const other = (await backUp(deps, { withEditions: true, prune: null })).backup.id;
    await sql.query("update sessions set commands = commands + 1");
    const { id } = (await backUp(deps, { withEditions: true, prune: null })).backup;
    const path = (name: string) => dir.join(`backups/${name}`);
    const manifest: BackupManifest = JSON.parse(await Deno.readTextFile(`${path(id)}/manifest.json`));
    const digests = await digestTables(sql);
    await copyDirectory(path(id), dir.join("whole"));
    const counts: Record<string, number> = {};
    const kinds = Object.entries(DAMAGES);
    for (let round = 0; round < load.damages; round++) {
      const [kind, damage] = kinds[round % kinds.length]!;
      const when = `${kind} (${round + 1})`;
      await Deno.remove(path(id), { recursive: true });
      await copyDirectory(dir.join("whole"), path(id));
      const members = await damage({ dir: path(id), other: path(other), manifest, random });
      const found = await verifyBackup(deps, id, { depth: "rows" });
      const named = found.members.filter(({ problem }) => problem !== null).map(({ member }) => member);
      claims.check(found.status === "damaged", `${when}: verification says ${found.status}`);
      claims.check(named.some((name) => members.includes(name)), `${when}: ${named.join(", ")} is named`);
      const refusal = await restoreBackup(deps, { deps, id }, {
        isDryRun: false,
        withEditions: true,
        waitMs: 10_000,
      }).then(() => null, (error: unknown) => error);
      const isRefused = refusal instanceof BackupDamagedError || refusal instanceof BackupRefusedError;
      claims.check(isRefused, `${when}: a restore says ${refusal}`);
      const differing = listDifferences(digests, await digestTables(sql));
      claims.check(differing.length === 0, `${when}: the restore changed ${differing.join("; ")}`);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    await Deno.remove(path(id), { recursive: true });
    await copyDirectory(dir.join("whole"), path(id));
    const whole = await verifyBackup(deps, id, { depth: "rows" });
    claims.check(whole.status === "sound", `what was never damaged is ${whole.status}: ${whole.message}`);
    return {
      conditions:
        `${load.damages} damages of a backup of ${load.rows} inventory rows and ${load.sessions} sessions, ` +
        "PostgreSQL",
      figures: counts,
      broken: claims.broken,
    };
  } finally {
    await sql.close();
  }
}

async function copyDirectory(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}

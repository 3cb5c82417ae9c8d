import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Log, MS_PER_DAY, MS_PER_HOUR } from "@ipcascade/core";
import { backUp, checkHealth, listBackups, listChecks, pruneBackups } from "@ipcascade/operations";
import { openBackups, openHealth, readSettings, type Settings } from "@ipcascade/platform";
import { FakeClock, openTempDir } from "@ipcascade/testkit";
import { openPgliteDatabase } from "../packages/platform/pglite_database.ts";
import { addRun } from "./health_world.ts";

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
const KEEP_DAYS = 7;

async function gradeOfBackup(settings: Settings, clock: FakeClock): Promise<readonly string[]> {
  await using health = await openHealth(settings, SILENT, { timeoutMs: 20_000, clock });
  const checks = listChecks(await checkHealth(health.probes, health, { timeoutMs: 20_000 }));
  const found = checks.find(({ name }) => name === "backup");
  return [found?.grade ?? "", found?.message ?? "", found?.fix ?? ""];
}

Deno.test("backups stop for 20 days while pruning goes on: the newest three verified stay, and health is critical", async () => {
  await using dir = await openTempDir();
  const clock = new FakeClock("2026-11-01T01:00:00Z");
  const settings = readSettings({
    env: { HOME: dir.path, IPCASCADE_DATA_DIR: dir.join("data") },
    flags: {},
    readFile: () => null,
  });
  const made: string[] = [];
  {
    await using backups = await openBackups(settings, SILENT, { productVersion: "0.0.0", clock });
    const { deps } = backups;
    for (let day = 0; day < 5; day++) {
      const { backup } = await backUp(deps, { withEditions: true, prune: { keepDays: KEEP_DAYS } });
      made.push(backup.id);
      await clock.advance(MS_PER_DAY);
    }
    const lastAt = clock.now() - MS_PER_DAY;
    for (let day = 0; day < 20; day++) {
      await pruneBackups(deps, { keepDays: KEEP_DAYS, isDryRun: false });
      const { backups: there, verified } = await listBackups(deps);
      const newest = there.slice(0, 3).map(({ id }) => id);
      assertEquals([newest, verified >= 3], [made.slice(-3).reverse(), true], `day ${day}`);
      await clock.advance(MS_PER_DAY);
    }
    assertEquals((await listBackups(deps)).backups.length, 3);
    await recordRun(settings, { at: lastAt, close: () => backups[Symbol.asyncDispose]() });
  }
  const [grade, message, fix] = await gradeOfBackup(settings, clock);
  assertEquals([grade, fix], ["critical", "ipcascade backup create"], message);
  assertStringIncludes(message!, "the newest verified backup is 21 days old");
});

/** Writes down when the job last succeeded, once nobody else has the database open. */
async function recordRun(
  { dataDir }: Settings,
  { at, close }: { readonly at: number; readonly close: () => PromiseLike<void> },
): Promise<void> {
  await close();
  const sql = await openPgliteDatabase(dataDir);
  await addRun(sql, "back-up", { startedAt: at, tookMs: MS_PER_HOUR });
  await sql.close();
}

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Clock, MS_PER_DAY } from "@ipcascade/core";
import { backUp, createBackup, restoreBackup, type RestoreReport } from "@ipcascade/operations";
import {
  createStderrLog,
  type OpenBackups,
  openBackups,
  openEditions,
  readSettings,
} from "@ipcascade/platform";
import { damageEdition, openTempDir, type TempDir, writeEditionPair } from "@ipcascade/testkit";
import { readFile, writeFile } from "node:fs/promises";

const RESTORE = { isDryRun: false, withEditions: true, waitMs: 1_000 } as const;

/** A machine with its own directory of editions, and one place for all backups. */
function settingsOf(dir: TempDir, machine: string) {
  const env = {
    IPCASCADE_DATA_DIR: dir.join(`data-${machine}`),
    GEOIPUPDATE_DB_DIR: dir.join(`editions-${machine}`),
    BACKUP_DIR: dir.join("backups"),
  };
  return readSettings({ env, flags: {}, readFile: () => null });
}

async function openMachine(dir: TempDir, machine: string, days = 0): Promise<OpenBackups> {
  const clock: Clock = {
    now: () => Date.now() + days * MS_PER_DAY,
    elapsed: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  return await openBackups(settingsOf(dir, machine), createStderrLog({ level: "error" }), {
    productVersion: "0.1.0",
    clock,
  });
}

async function restoreOn(
  dir: TempDir,
  machine: string,
  id: string,
  days = 0,
): Promise<RestoreReport["editions"]> {
  await using opened = await openMachine(dir, machine, days);
  const report = await restoreBackup(opened.deps, { deps: opened.deps, id }, RESTORE);
  assert("editions" in report);
  return report.editions;
}

async function servingOf(dir: TempDir, machine: string) {
  await using editions = await openEditions(settingsOf(dir, machine), createStderrLog({ level: "error" }));
  const { store } = editions.deps;
  const id = await store.readCurrentId();
  return { store, set: (await store.listSets()).find((set) => set.id === id) ?? null };
}

Deno.test("databases that geoipupdate left are backed up, and restored where none serve that are as new", async (t) => {
  await using dir = await openTempDir();
  await writeEditionPair(dir.join("editions-old"));
  let id = "";
  await t.step("they are in the backup", async () => {
    await using opened = await openMachine(dir, "old");
    const report = await backUp(opened.deps, { withEditions: true, prune: null });
    assertEquals(report.backup.editions, ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]);
    id = report.backup.id;
  });
  await t.step("where they still lie, they stay as they are", async () => {
    const { outcome } = await restoreOn(dir, "old", id);
    assertEquals([outcome, (await servingOf(dir, "old")).set], ["kept", null]);
  });
  await t.step("on a new machine they serve as a set, byte for byte", async () => {
    assertEquals((await restoreOn(dir, "new", id)).outcome, "installed");
    const { store, set } = await servingOf(dir, "new");
    for (const file of ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]) {
      const original = new Uint8Array(await readFile(dir.join(`editions-old/${file}`)));
      assertEquals(new Uint8Array(await store.readEdition(set!.id, file)), original);
    }
    assertEquals(set!.provider, "adopted");
  });
  await t.step("once they serve, they are not installed again", async () => {
    const { set } = await servingOf(dir, "new");
    const { outcome, message } = await restoreOn(dir, "new", id);
    assertEquals(outcome, "kept");
    assertStringIncludes(message, set!.id);
    assertEquals((await servingOf(dir, "new")).set!.id, set!.id);
  });
  await t.step("37 days after the backup the licence forbids them", async () => {
    assertEquals((await restoreOn(dir, "later", id, 36.9)).outcome, "installed");
    const { outcome, message } = await restoreOn(dir, "too-late", id, 37.1);
    assertEquals([outcome, (await servingOf(dir, "too-late")).set], ["refused", null]);
    assertStringIncludes(message, "licence");
  });
});

Deno.test("a database that is broken is not backed up, and the rows are", async () => {
  await using dir = await openTempDir();
  const { city } = await writeEditionPair(dir.join("editions-broken"));
  await writeFile(city, damageEdition(new Uint8Array(await readFile(city)), "truncated"));
  await using opened = await openMachine(dir, "broken");
  const manifest = await createBackup(opened.deps, { reason: "backup", withEditions: true });
  assertEquals([manifest.editions, manifest.missing_editions?.reason], [null, "unreadable"]);
  assertStringIncludes(manifest.missing_editions!.message, "GeoLite2-City.mmdb");
  assertEquals(manifest.tables.length, 12);
});

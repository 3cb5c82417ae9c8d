import { BackupDamagedError, BackupPlaceError, LockHeldError, type ReplacedTables } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BackupWorld } from "../testing/backup_world.ts";
import { openTables } from "../testing/memory_backup_tables.ts";
import { type BackupDeps, createBackup, restoreBackup, trustBackup, verifyBackup } from "./mod.ts";

const RESTORE = { isDryRun: false, withEditions: true, waitMs: 0 } as const;
const [ROWS, EDITION] = ["ip_inventory.copy.gz", "edition-GeoLite2-City.mmdb.gz"];

async function openWorld() {
  const world = new BackupWorld();
  world.serve("20261120-041500-00000001");
  const manifest = await createBackup(world.deps, { reason: "backup", withEditions: true });
  await verifyBackup(world.deps, manifest.id, { depth: "rows" });
  const backup = world.place.backups.get(manifest.id)!;
  const given = { deps: world.deps, id: manifest.id };
  const trust = (withEditions: boolean) => trustBackup(given, manifest, { withEditions });
  return { world, manifest, backup, given, trust };
}

Deno.test("trustBackup() looks at tables alone for a restore without editions, and writes nothing down", async () => {
  const { manifest, backup, trust } = await openWorld();
  const mark = backup.mark;
  backup.files.delete(EDITION);
  backup.files.set("edition-x.mmdb.gz", new Uint8Array(1));
  await trust(false);
  assertEquals(backup.mark, mark);
  backup.files.delete("edition-x.mmdb.gz");
  const way = `; --no-editions restores the rows of ${manifest.id} alone`;
  const error = await assertRejects(() => trust(true), BackupDamagedError, way);
  assertEquals(error.member, "GeoLite2-City.mmdb");
  backup.files.delete(ROWS);
  for (const withEditions of [true, false]) {
    const { message, member } = await assertRejects(() => trust(withEditions), BackupDamagedError);
    assertEquals([member, message.includes("--no-editions")], ["ip_inventory", false]);
  }
});

/** Can't be replaced beyond what is saved first. */
function replaceable(world: BackupWorld): BackupDeps {
  const old = openTables(world.database.tables);
  const clear = () => Promise.reject(new Error("it was cleared"));
  const replaced: ReplacedTables = {
    old,
    clear,
    finish: () => Promise.resolve(),
    settle: () => Promise.resolve([]),
  };
  const { database } = world;
  const replace = <T>(work: (tables: ReplacedTables) => Promise<T>) => work(replaced);
  const { rehearse } = database;
  return { ...world.deps, database: { snapshot: database.snapshot.bind(database), rehearse, replace } };
}

Deno.test("restoreBackup() says that nothing was changed when what it replaces can't be backed up", async (t) => {
  const full = () => Promise.reject(new BackupPlaceError('Cannot write "/b/.lock": no space left on device'));
  const troubles: readonly [string, (world: BackupWorld) => void][] = [
    ["the lock", ({ place }) => place.lock = full],
    ["the copy", ({ place }) => place.stage = full],
  ];
  for (const [name, trouble] of troubles) {
    await t.step(name, async () => {
      const { world, given } = await openWorld();
      trouble(world);
      const error = await assertRejects(
        () => restoreBackup(replaceable(world), given, RESTORE),
        BackupPlaceError,
        "Cannot back up what the restore would replace, so nothing was changed: Cannot write",
      );
      assert(error.message.includes("point BACKUP_DIR at a place with room"), error.message);
    });
  }
  await t.step("who holds the lock is told as ever", async () => {
    const { world, given } = await openWorld();
    await using _lock = await world.place.lock("back up");
    await assertRejects(() => restoreBackup(replaceable(world), given, RESTORE), LockHeldError);
  });
});

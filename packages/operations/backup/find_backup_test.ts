import { BackupPlaceError, UsageError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BackupWorld } from "../testing/backup_world.ts";
import { createBackup, findBackup, listBackups, markBackup } from "./mod.ts";

/** Makes a backup of a day of November; a mark where it is verified. */
async function make(world: BackupWorld, instant: string, { isVerified = true, isCopy = false } = {}) {
  world.clock.ms = Date.parse(instant);
  const reason = isCopy ? "before_restore" : "backup";
  const manifest = await createBackup(world.deps, { reason, withEditions: false });
  if (isVerified) await markBackup(world.deps, manifest, "rows");
  return manifest.id;
}

Deno.test("findBackup() understands ids, beginnings, days and latest", async () => {
  const world = new BackupWorld();
  const first = await make(world, "2026-11-20T01:00:00Z");
  const second = await make(world, "2026-11-21T01:00:00Z");
  const third = await make(world, "2026-11-21T13:00:00Z", { isVerified: false });
  const fourth = await make(world, "2026-11-22T23:59:59Z", { isVerified: false });
  const copy = await make(world, "2026-11-23T01:00:00Z", { isCopy: true });
  const cases: readonly [wanted: string, id: string][] = [
    [first, first],
    ["latest", second],
    ["2026-11-21", second],
    ["20261121", second],
    ["20261121-13", third],
    ["2026-11-22", fourth],
    ["20261123", copy],
    [copy.slice(0, 12), copy],
  ];
  for (const [wanted, id] of cases) assertEquals(await findBackup(world.deps, wanted), id, wanted);
});

Deno.test("findBackup() says what there is when it finds none, or several", async () => {
  const world = new BackupWorld();
  const refused = async (wanted: string) =>
    (await assertRejects(() => findBackup(world.deps, wanted), UsageError)).message;
  assertEquals((await refused("latest")).includes("memory has no backups"), true);
  const ids: string[] = [];
  for (let day = 10; day < 17; day++) ids.unshift(await make(world, `2026-11-${day}T01:00:00Z`));
  const none = await refused("2026-11-31");
  for (const part of ['"2026-11-31"', ids[0]!, ids[4]!, "and 2 more", "latest"]) {
    assert(none.includes(part), none);
  }
  assert(!none.includes(ids[5]!));
  assert((await refused("202611")).startsWith('Cannot choose a backup by "202611": there are '));
  assert((await refused("")).startsWith('Cannot find the backup ""'));
  assert((await refused("20261117")).startsWith('Cannot find the backup "20261117"'));
});

Deno.test("findBackup() takes the newest that is whole, a damaged one where there is no other", async () => {
  const world = new BackupWorld();
  const whole = await make(world, "2026-11-20T01:00:00Z", { isVerified: false });
  const damaged = await make(world, "2026-11-21T01:00:00Z");
  world.place.backups.get(damaged)!.manifest = "{";
  assertEquals(await findBackup(world.deps, "latest"), whole);
  assertEquals(await findBackup(world.deps, "2026-11-21"), damaged);
});

Deno.test("listBackups() has the newest first and damaged ones among them", async () => {
  const world = new BackupWorld();
  world.serve("20261120-041500-00000001");
  const first = await make(world, "2026-11-20T01:00:00Z");
  const second = await make(world, "2026-11-21T01:00:00Z", { isVerified: false });
  const third = await make(world, "2026-11-22T01:00:00Z");
  const fourth = await make(world, "2026-11-23T01:00:00Z");
  world.place.backups.get(third)!.manifest = world.place.backups.get(third)!.manifest.replace("11", "12");
  const readManifest = world.place.readManifest.bind(world.place);
  world.place.readManifest = (id) =>
    id === fourth ? Promise.reject(new BackupPlaceError("Cannot read it: no permission")) : readManifest(id);
  const report = await listBackups(world.deps);
  assertEquals(report.backups.map(({ id, status }) => [id, status]), [
    [fourth, "damaged"],
    [third, "damaged"],
    [second, "ok"],
    [first, "ok"],
  ]);
  assertEquals([report.verified, report.damaged], [1, 2]);
  const [, , unmarked, marked] = report.backups;
  assert(unmarked!.status === "ok" && marked!.status === "ok");
  assertEquals([unmarked!.verified, marked!.verified?.depth], [null, "rows"]);
  assertEquals([marked!.rows, marked!.editions, marked!.missing_editions?.reason], [7, null, "not_wanted"]);
});

Deno.test("listBackups() compares the names and sizes of files with the manifest", async (t) => {
  const cases: readonly [string, (files: Map<string, Uint8Array>) => unknown, string][] = [
    ["missing", (files) => files.delete("sessions.copy.gz"), "sessions.copy.gz is missing"],
    [
      "cut",
      (files) => files.set("sessions.copy.gz", new Uint8Array(3)),
      "sessions.copy.gz has 3 bytes instead",
    ],
    ["strange", (files) => files.set("notes.txt", new Uint8Array(3)), "no manifest names notes.txt"],
  ];
  for (const [name, damage, message] of cases) {
    await t.step(name, async () => {
      const world = new BackupWorld();
      const older = await make(world, "2026-11-20T01:00:00Z");
      const id = await make(world, "2026-11-21T01:00:00Z");
      damage(world.place.backups.get(id)!.files);
      const { backups, verified, damaged } = await listBackups(world.deps);
      assertEquals([verified, damaged], [1, 1]);
      const [found] = backups;
      assert(found?.status === "damaged" && found.id === id && found.message.startsWith(message));
      assertEquals(await findBackup(world.deps, "latest"), older);
    });
  }
});

Deno.test("listBackups() does not call a backup damaged that is removed meanwhile", async () => {
  const world = new BackupWorld();
  const { id } = await createBackup(world.deps, { reason: "backup", withEditions: false });
  const without = await createBackup(world.deps, { reason: "backup", withEditions: false });
  const listFiles = world.place.listFiles.bind(world.place);
  world.place.listFiles = async (one) => {
    // As a pruning on another machine takes it away.
    if (one === id) world.place.backups.delete(id);
    return await listFiles(one);
  };
  const { backups } = await listBackups(world.deps);
  assertEquals(backups.map((one) => [one.id, one.status]), [[without.id, "ok"]]);
});

Deno.test("findBackup() takes no backup of the future for the latest while there are others", async () => {
  const world = new BackupWorld();
  const future = await make(world, "2031-11-20T01:00:00Z");
  world.clock.ms = Date.parse("2026-11-20T02:00:00Z");
  assertEquals(await findBackup(world.deps, "latest"), future);
  const today = await make(world, "2026-11-20T03:00:00Z");
  assertEquals(await findBackup(world.deps, "latest"), today);
});

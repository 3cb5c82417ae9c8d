import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { BackupWorld } from "../testing/backup_world.ts";
import { createBackup } from "./create_backup.ts";
import { verifyBackups } from "./verify_backups.ts";

async function openTwo() {
  const world = new BackupWorld();
  const ids: string[] = [];
  for (let day = 0; day < 2; day++) {
    ids.push((await createBackup(world.deps, { reason: "backup", withEditions: false })).id);
    world.pass(1);
  }
  return { world, older: ids[0]!, newer: ids[1]! };
}

Deno.test("verifyBackups() verifies each that is asked for once, in that order, and all of them newest first", async () => {
  const { world, older, newer } = await openTwo();
  const verify = async (wanted: readonly string[] | "all") => {
    const { status, backups } = await verifyBackups(world.deps, { wanted, depth: "rows" });
    return [status, ...backups.map(({ id }) => id)];
  };
  assertEquals(await verify([older, newer, older]), ["sound", older, newer]);
  assertEquals(await verify(["latest"]), ["sound", newer]);
  assertEquals(await verify("all"), ["sound", newer, older]);
});

Deno.test("verifyBackups() is as bad as the worst, and verifies the rest as well", async () => {
  const { world, older, newer } = await openTwo();
  world.place.backups.get(newer)!.files.delete("sessions.copy.gz");
  const { status, backups } = await verifyBackups(world.deps, { wanted: "all", depth: "rows" });
  assertEquals([status, backups.map((one) => [one.id, one.status])], [
    "damaged",
    [[newer, "damaged"], [older, "sound"]],
  ]);
});

Deno.test("verifyBackups() says when there is nothing, and refuses a name that nobody knows before it begins", async () => {
  const none = await verifyBackups(new BackupWorld().deps, { wanted: "all", depth: "files" });
  assertEquals([none.operation, none.status, none.backups], ["verify-backups", "nothing", []]);
  const { world, newer } = await openTwo();
  const wanted = [newer, "nowhere"];
  await assertRejects(() => verifyBackups(world.deps, { wanted, depth: "rows" }), UsageError, "nowhere");
  assertEquals(world.place.backups.get(newer)!.mark, null);
});

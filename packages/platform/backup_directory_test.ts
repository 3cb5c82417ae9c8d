import { chmod, mkdir, readdir, rename, stat, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { BackupDamagedError, BackupMissingError, BackupPlaceError, MS_PER_HOUR } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BACKUP_PLACE_CONTRACT, putBackup } from "../testkit/backup_place_contract.ts";
import { runContract } from "../testkit/contract.ts";
import { FakeClock } from "../testkit/fake_clock.ts";
import { openTempDir, type TempDir } from "../testkit/temp_dir.ts";
import { createBackupDirectory } from "./backup_directory.ts";
import { openBackupAt } from "./open_backup_at.ts";
import { createNodeClock } from "./node_clock.ts";
import {
  abandonStaging,
  createBackupDirectorySubject,
  listBackupLeftovers,
} from "./testing/backup_directory_subject.ts";
import { startChild } from "./testing/child.ts";

const ID = "20261126-010000-1a2b3c4d";
const ROWS = "asn_inventory.copy.gz";
const clock = createNodeClock();

async function putOne(dir: string, id = ID): Promise<void> {
  const place = createBackupDirectory({ dir, clock });
  await using _lock = await place.lock("test");
  await putBackup(place, id);
}

async function countBytes(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

Deno.test("createBackupDirectory() keeps the promises of a place of backups", async (t) => {
  const dirs: TempDir[] = [];
  await runContract(t, BACKUP_PLACE_CONTRACT, async () => {
    const dir = await openTempDir();
    dirs.push(dir);
    return createBackupDirectorySubject(dir.join("made", "backups"));
  });
  for (const dir of dirs) await dir[Symbol.asyncDispose]();
});

Deno.test("createBackupDirectory() lets nobody else read backups", async () => {
  await using dir = await openTempDir();
  await putOne(dir.join("backups"));
  await createBackupDirectory({ dir: dir.join("backups"), clock }).writeMark(ID, "x");
  const modes = async (path: string) => (await stat(path)).mode & 0o777;
  assertEquals(await modes(dir.join("backups")), 0o700);
  assertEquals(await modes(dir.join("backups", ID)), 0o700);
  const names = [ROWS, "edition-GeoLite2-City.mmdb.gz", "manifest.json", "verified.json"];
  assertEquals((await readdir(dir.join("backups", ID))).sort(), names);
  for (const name of names) assertEquals([name, await modes(dir.join("backups", ID, name))], [name, 0o600]);
});

Deno.test("createBackupDirectory() follows no link out of it, and waits for no pipe", async () => {
  await using dir = await openTempDir();
  const root = dir.join("backups");
  await putOne(root);
  await putOne(dir.join("treasure"), "20261125-010000-00000001");
  await symlink(
    dir.join("treasure", "20261125-010000-00000001"),
    join(root, "20261125-010000-00000001"),
  );
  await symlink(dir.join("treasure"), join(root, ".staging-1~gone~1~x.1"));
  await symlink("/etc/passwd", join(root, ID, "users.copy.gz"));
  new Deno.Command("mkfifo", { args: [join(root, ID, "pipe.copy.gz")] }).outputSync();
  const place = createBackupDirectory({ dir: root, clock: new FakeClock() });
  assertEquals(await place.listIds(), [ID]);
  assertEquals(await place.readManifest("20261125-010000-00000001"), null);
  for (const file of ["users.copy.gz", "pipe.copy.gz"]) {
    await assertRejects(() => countBytes(place.readFile(ID, file)), BackupDamagedError, "no plain file");
  }
  const names = (await place.listFiles(ID)).map(({ file }) => file);
  assertEquals(names, [ROWS, "edition-GeoLite2-City.mmdb.gz"]);
  await using _lock = await place.lock("test");
  await place.remove(ID);
  await place.remove("20261125-010000-00000001");
  await place.sweep();
  assertEquals(await readdir(dir.join("treasure", "20261125-010000-00000001")), [
    ...names,
    "manifest.json",
  ]);
});

Deno.test("sweep() leaves what may be at work: living processes, and other machines for a day", async () => {
  await using dir = await openTempDir();
  const root = dir.join("backups");
  await using other = { [Symbol.asyncDispose]: () => sleeper.kill() };
  const sleeper = startChild("deno", "lock_contender.ts", [dir.join("lock"), "1", "600000"]);
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, "_");
  const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
  const fields = (await Deno.readTextFile(`/proc/${sleeper.pid}/stat`)).replace(/^.*\)/s, "").trim().split(
    " ",
  );
  const living = `.staging-${ID}~${host}~${sleeper.pid}~${boot}.${fields[19]}`;
  await abandonStaging(root, living);
  await abandonStaging(root, `.staging-${ID}~${host}~${sleeper.pid}~${boot}.1`);
  await abandonStaging(root, `.removed-${ID}~elsewhere~7~x.1`);
  await abandonStaging(root, `.staging-${ID}~elsewhere~8~x.1`);
  await writeFile(join(root, `.staging-${ID}~elsewhere~8~x.1`, "more.copy.gz"), "at work");
  await mkdir(join(root, "20261101-010000-00000000"));
  const place = createBackupDirectory({ dir: root, clock });
  await using _lock = await place.lock("test");
  assertEquals(await place.sweep(), 2);
  const kept = [".lock", living, `.staging-${ID}~elsewhere~8~x.1`, "20261101-010000-00000000"];
  assertEquals((await readdir(root)).sort(), kept.sort());
  const later = new FakeClock(clock.now() + 25 * MS_PER_HOUR);
  await _lock[Symbol.asyncDispose]();
  const tomorrow = createBackupDirectory({ dir: root, clock: later });
  await using _next = await tomorrow.lock("test");
  assertEquals(await tomorrow.sweep(), 1);
  assert(other !== null);
});

Deno.test("createBackupDirectory() says what is wrong with its place", async () => {
  await using dir = await openTempDir();
  await writeFile(dir.join("file"), "");
  for (const path of [dir.join("file"), dir.join("file", "below")]) {
    const place = createBackupDirectory({ dir: path, clock });
    const words = "something else is in its place";
    await assertRejects(() => place.listIds(), BackupPlaceError, `Cannot read "${path}": ${words}`);
    await assertRejects(() => place.lock("test"), BackupPlaceError, `Cannot write "${path}": ${words}`);
  }
});

Deno.test("a disk without room is told, and nothing of the backup is left", async () => {
  await using dir = await openTempDir();
  const shell = `trap '' XFSZ; ulimit -f 100; exec "$@"`;
  const script = new URL("testing/backup_directory_writer.ts", import.meta.url).pathname;
  const args = ["-c", shell, "sh", process.execPath, "run", "-A", "-q", "--node-modules-dir=manual", script];
  const { stderr, code } = await new Deno.Command("sh", { args: [...args, dir.join("backups")] }).output();
  const words = new TextDecoder().decode(stderr);
  assert(words.includes("BackupPlaceError") && words.includes("EFBIG"), words);
  assertEquals([code, await listBackupLeftovers(dir.join("backups"))], [1, []]);
});

Deno.test("kill −9 leaves whole backups and nothing else, and the next one goes on", async () => {
  await using dir = await openTempDir();
  const root = dir.join("backups");
  for (let kill = 0; kill < 5; kill++) {
    const writer = startChild("deno", "backup_directory_writer.ts", [root]);
    for (let round = 0; round <= kill; round++) await writer.readLine();
    await new Promise((resolve) => setTimeout(resolve, kill * 7));
    await writer.kill();
    const place = createBackupDirectory({ dir: root, clock });
    const ids = await place.listIds();
    assert(ids.length > 0);
    for (const id of ids) {
      assertEquals(await place.readManifest(id), `manifest of ${id}\n`);
      assert([null, `mark of ${id}\n`].includes(await place.readMark(id)));
      const files = await place.listFiles(id);
      assertEquals(files[0], { file: ROWS, size: 300_000 });
      assertEquals(await countBytes(place.readFile(id, ROWS)), 300_000);
    }
    await using _lock = await place.lock("test");
    await place.sweep();
    assertEquals([await place.listIds(), await listBackupLeftovers(root)], [ids, []]);
  }
});

Deno.test("openBackupAt() opens a backup anywhere, under any name, by its directory or its manifest", async () => {
  await using dir = await openTempDir();
  const put = async (name: string, manifest: string) => {
    await putOne(dir.join("there"));
    await writeFile(dir.join("there", ID, "manifest.json"), manifest);
    await rename(dir.join("there", ID), dir.join("there", name));
    return dir.join("there", name);
  };
  const renamed = await put("before the update", JSON.stringify({ id: "20261101-020000-0000000a" }));
  await put("20261102-020000-0000000b", JSON.stringify({ id: "20261102-020000-0000000b" }));
  await symlink(renamed, dir.join("link"));
  for (const path of [renamed, join(renamed, "manifest.json"), dir.join("link")]) {
    const { place, id } = await openBackupAt(path, { clock });
    assertEquals([id, await place.listIds()], ["20261101-020000-0000000a", ["20261101-020000-0000000a"]]);
    assertEquals(await place.readManifest(id), JSON.stringify({ id }));
    assertEquals(await countBytes(place.readFile(id, ROWS)), 300_000);
    await place.writeMark(id, "mark");
    assertEquals(await place.readMark(id), "mark");
    assertEquals(await place.readManifest("20261102-020000-0000000b"), null);
  }
  assertEquals((await openBackupAt(await put("20261103-020000-0000000c", "{"), { clock })).id.slice(-1), "c");
  const broken = await put("broken", '{"id": "../../etc"}');
  await assertRejects(() => openBackupAt(broken, { clock }), BackupDamagedError, "manifest can't be read");
  await mkdir(dir.join("empty"));
  const cases = [["empty", "it has no manifest.json"], ["gone", "there is no such directory"]] as const;
  for (const [name, words] of cases) {
    await assertRejects(() => openBackupAt(dir.join(name), { clock }), BackupMissingError, words);
  }
  await assertRejects(() => openBackupAt(join(renamed, ROWS), { clock }), BackupMissingError, "allowed is");
  await chmod(dir.join("there"), 0o700);
});

import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EditionLock, EditionStoreError, EMPTY_EDITION_STATE, LockHeldError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { runContract } from "../testkit/contract.ts";
import { installSet } from "../testkit/edition_sets.ts";
import { EDITION_STORE_CONTRACT } from "../testkit/edition_store_contract.ts";
import { FakeClock } from "../testkit/fake_clock.ts";
import { openTempDir, type TempDir } from "../testkit/temp_dir.ts";
import { createFileEditionStore } from "./edition_file_store.ts";
import { openFlock } from "./flock.ts";
import { createDirectoryPlace, listLeftovers } from "./testing/edition_directory_place.ts";

Deno.test("createFileEditionStore() keeps the promises of an edition store", async (t) => {
  const dirs: TempDir[] = [];
  await runContract(t, EDITION_STORE_CONTRACT, async () => {
    const dir = await openTempDir();
    dirs.push(dir);
    return createDirectoryPlace(dir.join("made", "editions"));
  });
  for (const dir of dirs) await dir[Symbol.asyncDispose]();
});

function openStore(dir: TempDir, lockFile?: string) {
  return createFileEditionStore({ dir: dir.join("editions"), clock: new FakeClock(), lockFile });
}

Deno.test("createFileEditionStore() lays out files that people and other programs can read", async () => {
  await using dir = await openTempDir();
  const store = openStore(dir);
  await using _lock = await store.lock("test");
  await installSet(store, { id: "a" });
  await store.switchTo("a");
  assertEquals((await readdir(dir.join("editions"))).sort(), ["current", "lock", "sets", "staging"]);
  assertEquals(await readFile(dir.join("editions", "current"), "utf8"), "a\n");
  const files = ["GeoLite2-ASN.mmdb", "GeoLite2-City.mmdb", "manifest.json"];
  assertEquals((await readdir(dir.join("editions", "sets", "a"))).sort(), files);
  for (const path of ["current", ...files.map((file) => `sets/a/${file}`)]) {
    const { mode } = await stat(dir.join("editions", path));
    assertEquals([path, mode & 0o777 & ~0o022], [path, 0o644]);
  }
});

Deno.test("createFileEditionStore() writes nothing when it reads, and makes no directory", async () => {
  await using dir = await openTempDir();
  const store = openStore(dir);
  await store.listSets();
  await store.readCurrentId();
  await store.readState();
  await store.listPlain();
  assertEquals(await readdir(dir.path), []);
});

Deno.test("readCurrentId() is null whatever `current` holds that is no set", async () => {
  await using dir = await openTempDir();
  const store = openStore(dir);
  {
    await using _lock = await store.lock("test");
    await installSet(store, { id: "a" });
  }
  for (const text of ["", "gone\n", "../sets/a\n", "\0\xff", "a\nb\n", "a".repeat(100_000)]) {
    await writeFile(dir.join("editions", "current"), text);
    assertEquals([text.slice(0, 9), await store.readCurrentId()], [text.slice(0, 9), null]);
  }
  await writeFile(dir.join("editions", "current"), "a");
  assertEquals(await store.readCurrentId(), "a");
});

Deno.test("a manifest, a state or a name that is cut anywhere is none", async () => {
  await using dir = await openTempDir();
  const store = openStore(dir);
  {
    await using _lock = await store.lock("test");
    await installSet(store, { id: "a-set" });
    await store.switchTo("a-set");
    await store.writeState({ ...EMPTY_EDITION_STATE, failures: 3 });
  }
  const read = async () => [await store.readCurrentId(), (await store.readState()).failures];
  const cases = [["sets/a-set/manifest.json", [null, 3]], ["state.json", ["a-set", 0]], ["current", [
    null,
    3,
  ]]];
  for (const [name, expected] of cases as [string, [string | null, number]][]) {
    const path = dir.join("editions", name);
    const whole = await readFile(path);
    // The line end at the end may be missing.
    for (let size = 0; size < whole.length - 1; size++) {
      await writeFile(path, whole.subarray(0, size));
      assertEquals([name, size, await read()], [name, size, expected]);
    }
    await writeFile(path, whole);
    assertEquals(await read(), ["a-set", 3]);
  }
});

Deno.test("sweep() removes sets without a whole manifest and follows no link out of the directory", async () => {
  await using dir = await openTempDir();
  const store = openStore(dir);
  await using _lock = await store.lock("test");
  await installSet(store, { id: "a" });
  const root = dir.join("editions");
  await mkdir(join(root, "sets", "empty"));
  await mkdir(join(root, "sets", "other"));
  await writeFile(
    join(root, "sets", "other", "manifest.json"),
    await readFile(join(root, "sets/a/manifest.json")),
  );
  await writeFile(join(root, "sets", "file"), "x");
  await writeFile(dir.join("precious"), "x");
  await mkdir(dir.join("treasure"));
  await writeFile(dir.join("treasure", "kept"), "x");
  await symlink(dir.join("treasure"), join(root, "staging", "link"));
  await symlink(dir.join("treasure"), join(root, "sets", "link"));
  assertEquals(await store.sweep(), 5);
  assertEquals(await listLeftovers(root), []);
  assertEquals(await readdir(dir.join("treasure")), ["kept"]);
  assertEquals((await store.listSets()).map(({ id }) => id), ["a"]);
});

Deno.test("listPlain() finds databases beside the sets, as geoipupdate leaves them", async () => {
  await using dir = await openTempDir();
  const store = openStore(dir);
  await mkdir(dir.join("editions", "sub"), { recursive: true });
  const names = ["GeoLite2-City.mmdb", "dbip-asn-lite-2026-11.mmdb"];
  const others = [
    "GeoLite2-City.mmdb.backup",
    "README.txt",
    "GeoLite2-Country.mmdb",
    "sub/GeoLite2-ASN.mmdb",
  ];
  for (const name of [...names, ...others]) await writeFile(dir.join("editions", name), `bytes of ${name}`);
  const found = await store.listPlain();
  assertEquals(found.map(({ file }) => file), names);
  assertEquals(new TextDecoder().decode(await found[1]!.read()), `bytes of ${names[1]}`);
});

Deno.test("createFileEditionStore() says what is wrong with its place", async () => {
  await using dir = await openTempDir();
  await writeFile(dir.join("editions"), "a file");
  const store = openStore(dir);
  assertEquals([await store.listSets(), await store.readCurrentId(), await store.listPlain()], [
    [],
    null,
    [],
  ]);
  await assertRejects(
    () => store.lock("test"),
    EditionStoreError,
    `Cannot write "${dir.join("editions", "lock")}`,
  );
  await assertRejects(
    () => store.readEdition("a", "b.mmdb"),
    EditionStoreError,
    `Cannot read "${dir.join("editions", "sets", "a", "b.mmdb")}": there is no such file`,
  );
});

Deno.test("lock() takes geoipupdate's lock too, and gives both back", async () => {
  await using dir = await openTempDir();
  const [path, clock] = [dir.join("run", "geoipupdate.lock"), new FakeClock()];
  const store = createFileEditionStore({ dir: dir.join("editions"), clock, lockFile: path });
  const lock = await store.lock("update");
  const contender = new Deno.Command("flock", { args: ["-n", path, "true"] });
  assertEquals((await contender.output()).success, false);
  await lock[Symbol.asyncDispose]();
  assertEquals((await contender.output()).success, true);
  // geoipupdate is at work: the store's own lock must come back when this one can't be had.
  const foreign = await openFlock(path, { action: "update", clock });
  const refused = assertRejects(() => store.lock("update"), LockHeldError, `has "${path}" locked`);
  await passTime(clock, refused);
  assertEquals(await readdir(dir.join("editions", "lock")), []);
  const waiting = store.lock("update");
  await clock.waitForSleepers();
  await foreign![Symbol.asyncDispose]();
  await passTime(clock, waiting);
  const second: EditionLock = await waiting;
  await second[Symbol.asyncDispose]();
});

/** Lets time pass until the promise is settled. */
async function passTime(clock: FakeClock, promise: Promise<unknown>): Promise<void> {
  let isSettled = false;
  const settle = () => void (isSettled = true);
  promise.then(settle, settle);
  // What happens in the file system meanwhile takes real time, on a busy machine more of it.
  const untilMs = performance.now() + 20_000;
  while (!isSettled && performance.now() < untilMs) {
    await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert(isSettled, "still waiting");
}

import { gunzipSync } from "node:zlib";
import { type BackupManifest, BackupPlaceError, StoreError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BackupWorld } from "../testing/backup_world.ts";
import { createBackup, nameBackup, writeBackup } from "./mod.ts";

const OPTIONS = { reason: "backup", withEditions: true } as const;
const SET = "20261120-041500-00000001";

function readRows(world: BackupWorld, { id, tables }: BackupManifest, table: string): string {
  const { file } = tables.find((one) => one.table === table)!;
  return new TextDecoder().decode(gunzipSync(world.place.backups.get(id)!.files.get(file)!));
}

Deno.test("createBackup() keeps every row of every table as the database wrote it", async () => {
  const world = new BackupWorld();
  const manifest = await createBackup(world.deps, OPTIONS);
  for (const { table, rows } of world.database.tables) {
    assertEquals(readRows(world, manifest, table), rows.join(""));
    const described = manifest.tables.find((one) => one.table === table)!;
    assertEquals([described.rows, described.checks.at(-1)!.rows], [rows.length, rows.length]);
  }
  assertEquals(manifest.id.slice(0, 16), "20261123-120000-");
  assertEquals(manifest.created_at, "2026-11-23T12:00:00.000Z");
  assertEquals(manifest.missing_editions?.reason, "none");
  assertEquals(world.place.staged.size, 0);
});

Deno.test("createBackup() saves the editions that serve under their lock, before the tables are opened", async () => {
  const world = new BackupWorld();
  world.serve(SET);
  const seen: boolean[] = [];
  world.editions.onRead = () => seen.push(world.editions.isLocked && !world.database.isOpen);
  const manifest = await createBackup(world.deps, OPTIONS);
  assertEquals(seen, [true, true]);
  assertEquals(world.editions.isLocked, false);
  assertEquals(manifest.missing_editions, null);
  const names = manifest.editions!.files.map(({ edition, file }) => [edition, file]);
  assertEquals(names, [
    ["GeoLite2-City.mmdb", "edition-GeoLite2-City.mmdb.gz"],
    ["GeoLite2-ASN.mmdb", "edition-GeoLite2-ASN.mmdb.gz"],
  ]);
});

Deno.test("createBackup() backs rows up when the editions can't be had, and says why", async (t) => {
  const troubles: readonly [string, (world: BackupWorld) => void, string][] = [
    [
      "changed",
      ({ editions }) => editions.files.set("GeoLite2-ASN.mmdb", new Uint8Array(9)),
      "changed since",
    ],
    ["gone", ({ editions }) => void editions.files.delete("GeoLite2-ASN.mmdb"), "gone"],
    ["locked", ({ editions }) => void (editions.isLocked = true), "holds the lock"],
  ];
  for (const [name, trouble, message] of troubles) {
    await t.step(name, async () => {
      const world = new BackupWorld();
      world.serve(SET);
      trouble(world);
      const manifest = await createBackup(world.deps, OPTIONS);
      assertEquals([manifest.editions, manifest.missing_editions?.reason], [null, "unreadable"]);
      assert(manifest.missing_editions!.message.includes(message), manifest.missing_editions!.message);
      const files = [...world.place.backups.get(manifest.id)!.files.keys()];
      assertEquals(files.filter((file) => file.startsWith("edition-")), []);
      assertEquals(manifest.tables.length, 3);
    });
  }
});

Deno.test("createBackup() leaves editions out whose licence is over, and those that nobody wants", async () => {
  const world = new BackupWorld();
  world.serve(SET);
  const { sha256 } = world.editions.set!.editions[1]!;
  world.editions.state = {
    ...world.editions.state,
    superseded: [{ sha256, at: "2026-10-24T12:00:00.000Z" }],
  };
  const expired = await createBackup(world.deps, OPTIONS);
  assertEquals(expired.missing_editions?.reason, "expired");
  world.clock.ms -= 1;
  const kept = await createBackup(world.deps, OPTIONS);
  assertEquals(kept.missing_editions, null);
  const unwanted = await createBackup(world.deps, { ...OPTIONS, withEditions: false });
  assertEquals(unwanted.missing_editions?.reason, "not_wanted");
});

Deno.test("createBackup() leaves nothing when it fails or is stopped", async (t) => {
  await t.step("the database fails", async () => {
    const world = new BackupWorld();
    world.deps.database.snapshot = () => Promise.reject(new StoreError("Cannot read: gone"));
    await assertRejects(() => createBackup(world.deps, OPTIONS), StoreError, "gone");
    assertEquals([world.place.backups.size, world.place.staged.size], [0, 0]);
  });
  await t.step("the place fails while editions are written", async () => {
    const world = new BackupWorld();
    world.serve(SET);
    const stage = world.place.stage.bind(world.place);
    world.place.stage = async (id) => ({
      ...await stage(id),
      openFile: () => Promise.reject(new BackupPlaceError("Cannot write: the disk is full")),
    });
    await assertRejects(() => createBackup(world.deps, OPTIONS), BackupPlaceError, "full");
    assertEquals([world.place.backups.size, world.place.staged.size], [0, 0]);
  });
  await t.step("it is stopped between two pieces", async () => {
    const world = new BackupWorld();
    const control = new AbortController();
    const onProgress = ({ member, done }: { member: string; done: number }) => {
      if (member === "ip_inventory" && done > 0) control.abort(new Error("stopped"));
    };
    const { signal } = control;
    await assertRejects(() => createBackup(world.deps, { ...OPTIONS, onProgress, signal }), Error, "stopped");
    assertEquals([world.place.backups.size, world.place.staged.size], [0, 0]);
    await using _free = await world.place.lock("try");
  });
});

Deno.test("writeBackup() saves tables that are open, without editions", async () => {
  const world = new BackupWorld();
  const packing = await world.deps.codec.begin();
  await using _lock = await world.place.lock("restore");
  const editions = { reason: "not_wanted", at: "2026-11-23T12:00:00.000Z", message: "rows alone" } as const;
  const steps = new Set<string>();
  const manifest = await world.database.snapshot((tables) =>
    writeBackup(tables, world.deps, {
      name: nameBackup(world.deps),
      reason: "before_restore",
      packing,
      editions,
      onProgress: ({ step }) => steps.add(step),
    })
  );
  assertEquals([manifest.reason, manifest.missing_editions], ["before_restore", editions]);
  assertEquals([...steps], ["save"]);
  assertEquals(readRows(world, manifest, "sessions"), "a\\tb\t5.0.0.0\nb\t\\N\n");
});

import { type BackupManifest, LockHeldError, UsageError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { BackupWorld } from "../testing/backup_world.ts";
import { createGzipCodec } from "../testing/gzip_codec.ts";
import {
  backUp,
  createBackup,
  findBackupEntry,
  listBackups,
  openManifest,
  pruneBackups,
  verifyBackup,
} from "./mod.ts";

const KEEP = { keepDays: 7, isDryRun: false } as const;

async function makeDaily(world: BackupWorld, days: number): Promise<string[]> {
  const ids: string[] = [];
  for (let day = 0; day < days; day++) {
    const { id } = await createBackup(world.deps, { reason: "backup", withEditions: true });
    await verifyBackup(world.deps, id, { depth: "rows" });
    ids.push(id);
    world.pass(1);
  }
  return ids;
}

function idsOf(world: BackupWorld): string[] {
  return [...world.place.backups.keys()].sort();
}

function breakFile(world: BackupWorld, id: string): void {
  const { files } = world.place.backups.get(id)!;
  // Of the same size: nothing but reading it finds that out.
  files.set("sessions.copy.gz", new Uint8Array(files.get("sessions.copy.gz")!.length));
}

Deno.test("pruneBackups() keeps the newest three when backups stop for 20 days and it runs daily", async () => {
  const world = new BackupWorld();
  const ids = await makeDaily(world, 9);
  for (let day = 0; day < 20; day++) {
    const { refused } = await pruneBackups(world.deps, KEEP);
    assertEquals(refused, null);
    world.pass(1);
  }
  assertEquals(idsOf(world), ids.slice(-3));
  assertEquals((await listBackups(world.deps)).verified, 3);
});

Deno.test("pruneBackups() reads the newest three again before it removes anything", async () => {
  const world = new BackupWorld();
  const ids = await makeDaily(world, 6);
  world.pass(10);
  breakFile(world, ids[4]!);
  const uses: string[] = [];
  world.place.onUse = (use) => uses.push(use.replace(/\/.*/, ""));
  const { removed, kept } = await pruneBackups(world.deps, KEEP);
  // Two of the three stand, so a fourth takes the place of the one that is damaged, which has but one newer.
  assertEquals(removed.map(({ id }) => id), [ids[1], ids[0]]);
  assertEquals(kept.map(({ id }) => id), [ids[5], ids[4], ids[3], ids[2]]);
  const firstRemoval = uses.findIndex((use) => use.startsWith("remove"));
  const read = new Set(uses.slice(0, firstRemoval).filter((use) => use.startsWith("read")));
  assertEquals([...read].sort(), [ids[2], ids[3], ids[4], ids[5]].map((id) => `read ${id}`));
  const entry = await findBackupEntry(world.deps, ids[4]!);
  assert(entry?.status === "ok" && entry.mark === null);
});

Deno.test("pruneBackups() removes nothing while the newest backup is not verified", async () => {
  const world = new BackupWorld();
  const ids = await makeDaily(world, 5);
  world.pass(10);
  const { id } = await createBackup(world.deps, { reason: "backup", withEditions: false });
  const report = await pruneBackups(world.deps, KEEP);
  assertEquals(report.refused, `the newest backup, ${id}, is not verified`);
  assertEquals([report.removed, idsOf(world).length], [[], 6]);
  await verifyBackup(world.deps, id, { depth: "rows" });
  assertEquals((await pruneBackups(world.deps, KEEP)).removed.map((one) => one.id), [ids[2], ids[1], ids[0]]);
});

Deno.test("pruneBackups() removes nothing when the newest one turns out to be damaged", async () => {
  const world = new BackupWorld();
  const ids = await makeDaily(world, 5);
  world.pass(10);
  breakFile(world, ids[4]!);
  const report = await pruneBackups(world.deps, KEEP);
  assertEquals([report.removed, report.refused], [[], `the newest backup, ${ids[4]}, is not verified`]);
});

Deno.test("pruneBackups() says each time that the newest one is damaged", async () => {
  const world = new BackupWorld();
  const ids = await makeDaily(world, 5);
  world.pass(10);
  breakFile(world, ids[4]!);
  const warned: unknown[] = [];
  const warn = (_: string, data?: { readonly id?: unknown }) => void warned.push(data?.id);
  const deps = { ...world.deps, log: { ...world.deps.log, warn } };
  for (let run = 0; run < 3; run++) await pruneBackups(deps, KEEP);
  assertEquals(warned, [ids[4], ids[4], ids[4]]);
  assertEquals(idsOf(world), ids);
  await makeDaily(world, 1);
  await pruneBackups(deps, KEEP);
  assertEquals(warned.length, 3);
});

Deno.test("pruneBackups() changes nothing in a dry run, and says what it would do", async () => {
  const world = new BackupWorld();
  world.serve("20261101-041500-00000001");
  const ids = await makeDaily(world, 5);
  supersede(world, 40);
  world.pass(10);
  world.place.leftovers = 1;
  const uses: string[] = [];
  world.place.onUse = (use) => uses.push(use.split(" ")[0]!);
  const dry = await pruneBackups(world.deps, { ...KEEP, isDryRun: true });
  assertEquals([...new Set(uses)], ["read"]);
  assertEquals([idsOf(world), world.place.leftovers], [ids, 1]);
  const real = await pruneBackups(world.deps, KEEP);
  assertEquals([real.removed, real.kept, real.stripped], [dry.removed, dry.kept, dry.stripped]);
  assertEquals([real.leftovers, dry.leftovers], [1, 0]);
});

/** What serves was superseded so many days ago. */
function supersede(world: BackupWorld, days: number): void {
  const at = new Date(world.clock.ms - days * 86_400_000).toISOString();
  const superseded = world.editions.set!.editions.map(({ sha256 }) => ({ sha256, at }));
  world.editions.state = { ...world.editions.state, superseded };
}

Deno.test("pruneBackups() takes editions out whose licence is over, and the backup stays verified", async () => {
  const world = new BackupWorld();
  world.serve("20261101-041500-00000001");
  const [id] = await makeDaily(world, 1);
  supersede(world, 29);
  assertEquals((await pruneBackups(world.deps, KEEP)).stripped, []);
  world.pass(1);
  const { stripped } = await pruneBackups(world.deps, KEEP);
  assertEquals(stripped, [{ id: id!, editions: ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"] }]);
  const entry = await findBackupEntry(world.deps, id!);
  assert(entry?.status === "ok");
  assertEquals([entry.mark?.depth, entry.manifest.editions], ["rows", null]);
  assertEquals(entry.manifest.missing_editions?.reason, "expired");
  assertEquals([...world.place.backups.get(id!)!.files.keys()].filter((file) => file.includes("mmdb")), []);
  assertEquals((await verifyBackup(world.deps, id!, { depth: "rows" })).status, "sound");
  assertEquals((await pruneBackups(world.deps, KEEP)).stripped, []);
});

Deno.test("pruneBackups() knows by later builds what updating has forgotten", async () => {
  const world = new BackupWorld();
  world.serve("20261101-041500-00000001");
  const [id] = await makeDaily(world, 1);
  world.serve("20261122-041500-00000002", "newer");
  const { set } = world.editions;
  const builtAt = Date.parse("2026-11-24T00:00:00.000Z");
  const later = set!.editions.map((one) => ({ ...one, build_epoch: builtAt / 1_000 }));
  world.editions.set = { ...set!, editions: later };
  world.clock.ms = builtAt + 30 * 86_400_000 - 1;
  assertEquals((await pruneBackups(world.deps, KEEP)).stripped, []);
  world.clock.ms += 1;
  assertEquals((await pruneBackups(world.deps, KEEP)).stripped.map((one) => one.id), [id]);
});

Deno.test("pruneBackups() ends what a killed rewrite began", async () => {
  const world = new BackupWorld();
  world.serve("20261101-041500-00000001");
  const [id] = await makeDaily(world, 1);
  const backup = world.place.backups.get(id!)!;
  const files = new Map(backup.files);
  supersede(world, 31);
  await pruneBackups(world.deps, KEEP);
  for (const [file, bytes] of files) backup.files.set(file, bytes);
  assertEquals((await verifyBackup(world.deps, id!, { depth: "rows" })).status, "sound");
  assertEquals((await pruneBackups(world.deps, KEEP)).leftovers, 2);
  assertEquals([...backup.files.keys()].filter((file) => file.includes("mmdb")), []);
});

Deno.test("pruneBackups() does not mark what is damaged once its editions are out", async () => {
  const world = new BackupWorld();
  world.serve("20261101-041500-00000001");
  const [id] = await makeDaily(world, 1);
  breakFile(world, id!);
  supersede(world, 31);
  await pruneBackups(world.deps, KEEP);
  assertEquals((await listBackups(world.deps)).verified, 0);
});

Deno.test("pruneBackups() leaves what a newer program made, and what it can't place in time", async () => {
  const world = new BackupWorld();
  const ids = await makeDaily(world, 6);
  world.pass(10);
  const newer = world.place.backups.get(ids[0]!)!;
  newer.manifest = newer.manifest.replace('"format": 1', '"format": 2');
  world.place.backups.set("99999999-999999-00000000", { manifest: "", mark: null, files: new Map() });
  const { removed } = await pruneBackups(world.deps, KEEP);
  assertEquals(removed.map(({ id }) => id), [ids[2], ids[1]]);
});

Deno.test("pruneBackups() waits for nobody and refuses senseless days", async () => {
  const world = new BackupWorld();
  for (const keepDays of [-1, 1.5, NaN, 36_501]) {
    await assertRejects(() => pruneBackups(world.deps, { ...KEEP, keepDays }), UsageError, "allowed are");
  }
  await using _lock = await world.place.lock("restore");
  await assertRejects(() => pruneBackups(world.deps, KEEP), LockHeldError);
  await pruneBackups(world.deps, { ...KEEP, isDryRun: true });
});

Deno.test("pruneBackups() leaves the newest three that verify, whatever happened before", async () => {
  type Step = (world: BackupWorld) => Promise<unknown> | void;
  const made: Step = async (world) => {
    const { id } = await createBackup(world.deps, { reason: "backup", withEditions: false });
    await verifyBackup(world.deps, id, { depth: "rows" });
  };
  const steps: Record<string, Step> = {
    made,
    unverified: (world) => createBackup(world.deps, { reason: "backup", withEditions: false }),
    copied: (world) => createBackup(world.deps, { reason: "before_restore", withEditions: false }),
    damaged: (world) => {
      const id = idsOf(world).at(-1);
      if (id !== undefined) breakFile(world, id);
    },
    forged: (world) => {
      const backup = world.place.backups.get(idsOf(world)[0] ?? "");
      if (backup !== undefined) backup.manifest = "{";
    },
    day: (world) => world.pass(1),
    week: (world) => world.pass(8),
    past: (world) => world.pass(-3),
    pruned: (world) => pruneBackups(world.deps, KEEP).then(() => {}),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(steps), "made", "made"), { maxLength: 24 }),
      async (names) => {
        const world = new BackupWorld();
        for (const name of names) await steps[name]!(world);
        const before = await soundOnes(world);
        await pruneBackups(world.deps, KEEP);
        const after = await soundOnes(world);
        assertEquals(after.slice(-3), before.slice(-3));
      },
    ),
    { numRuns: 60 },
  );
});

/** Ids of marked backups that really verify and are not of a time to come, by age. */
async function soundOnes(world: BackupWorld): Promise<string[]> {
  const sound: string[] = [];
  for (const id of idsOf(world)) {
    const entry = await findBackupEntry(world.deps, id);
    if (entry?.status !== "ok" || entry.mark === null || entry.createdAt > world.clock.ms) continue;
    if (entry.manifest.reason !== "backup") continue;
    const { status } = await verifyBackup(world.deps, id, { depth: "rows", isMarking: false });
    if (status === "sound") sound.push(id);
  }
  return sound;
}

Deno.test("backUp() makes, verifies, marks and prunes", async () => {
  const world = new BackupWorld();
  world.serve("20261101-041500-00000001");
  const old = await makeDaily(world, 4);
  world.pass(10);
  const report = await backUp(world.deps, { withEditions: true, prune: { keepDays: 7 } });
  assertEquals(report.backup.verified?.depth, "rows");
  assertEquals([report.verification.status, report.verification.depth], ["sound", "rows"]);
  assertEquals(report.tables.map(({ table, rows }) => [table, rows]), [
    ["ip_inventory", 5],
    ["sessions", 2],
    ["empty_one", 0],
  ]);
  assertEquals(report.pruning?.removed.map(({ id }) => id), [old[1], old[0]]);
  assertEquals((await backUp(world.deps, { withEditions: true, prune: null })).pruning, null);
});

Deno.test("backUp() verifies what it encrypted for somebody else", async () => {
  const world = new BackupWorld(createGzipCodec(["age1xyz"]));
  const { backup } = await backUp(world.deps, { withEditions: false, prune: { keepDays: 7 } });
  assertEquals([backup.encrypted, backup.verified?.depth], [true, "rows"]);
});

Deno.test("backUp() fails when the new backup is not what was written, and prunes nothing", async () => {
  const world = new BackupWorld();
  const old = await makeDaily(world, 5);
  world.pass(10);
  const stage = world.place.stage.bind(world.place);
  world.place.stage = async (id) => {
    const staging = await stage(id);
    return {
      ...staging,
      commit: async (manifest) => {
        await staging.commit(manifest);
        breakFile(world, id);
      },
    };
  };
  const error = await assertRejects(
    () => backUp(world.deps, { withEditions: false, prune: { keepDays: 7 } }),
    Error,
    "Cannot trust the new backup",
  );
  assert(error.message.includes("sessions"), error.message);
  assertEquals(idsOf(world).length, old.length + 1);
  const newest = idsOf(world).at(-1)!;
  const entry = await findBackupEntry(world.deps, newest);
  assert(entry?.status === "ok" && entry.mark === null && entry.damage?.includes("sessions"));
});

Deno.test("backUp() tells when somebody else took the lock before pruning", async () => {
  const world = new BackupWorld();
  const locks: AsyncDisposable[] = [];
  world.place.onUse = (use) => {
    if (use.startsWith("mark")) void world.place.lock("restore").then((lock) => locks.push(lock));
  };
  const { pruning, backup } = await backUp(world.deps, { withEditions: false, prune: { keepDays: 7 } });
  assertEquals(pruning?.refused, "Cannot prune backups: restore does");
  assertEquals(backup.verified?.depth, "rows");
  const { manifest }: { manifest: BackupManifest } = await openManifest(world.deps, backup.id);
  assertEquals(manifest.id, backup.id);
  assertEquals(locks.length, 1);
});

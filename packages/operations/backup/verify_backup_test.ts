import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  type BackupManifest,
  readBackupMark,
  renderBackupManifest,
  RestoreDiffersError,
  StoreError,
  UsageError,
} from "@ipcascade/core";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { BackupWorld, createTestHasher } from "../testing/backup_world.ts";
import { createGzipCodec } from "../testing/gzip_codec.ts";
import type { MemoryBackup } from "../testing/memory_backup_place.ts";
import { createBackup, digestWith, listBackups, markBackup, verifyBackup } from "./mod.ts";

const DIGEST = digestWith(createTestHasher);
const SET = "20261120-041500-00000001";
const [INVENTORY, SESSIONS, ASN] = [
  "ip_inventory.copy.gz",
  "sessions.copy.gz",
  "edition-GeoLite2-ASN.mmdb.gz",
];
const ROWS = { depth: "rows" } as const;

async function openBackup(codec = createGzipCodec()) {
  const world = new BackupWorld(codec);
  world.serve(SET);
  const manifest = await createBackup(world.deps, { reason: "backup", withEditions: true });
  return { world, manifest, backup: world.place.backups.get(manifest.id)! };
}

type Opened = Awaited<ReturnType<typeof openBackup>>;

/** The mark that a backup has. */
function markOf({ manifest, backup }: Opened) {
  return backup.mark === null ? null : readBackupMark(backup.mark, manifest);
}

/** A manifest of which somebody changed more than its digest. */
function forge(backup: MemoryBackup, change: (manifest: BackupManifest) => Partial<BackupManifest>): void {
  const { sha256: _, ...manifest } = JSON.parse(backup.manifest) as BackupManifest;
  backup.manifest = renderBackupManifest({ ...manifest, ...change(manifest as BackupManifest) }, DIGEST);
}

/** Writes other rows into a table, with stored size and digest that fit. */
function rewriteRows(opened: Opened, change: (rows: string[]) => string[]): void {
  const rows = change([...opened.world.database.tables[0]!.rows]);
  const bytes = new Uint8Array(gzipSync(rows.join("")));
  opened.backup.files.set(INVENTORY, bytes);
  const file_sha256 = createHash("sha256").update(bytes).digest("hex");
  forge(opened.backup, ({ tables }) => ({
    tables: tables.map((one) =>
      one.file === INVENTORY ? { ...one, file_bytes: bytes.length, file_sha256 } : one
    ),
  }));
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

const DAMAGES: readonly [name: string, damage: (opened: Opened) => unknown, members: readonly string[]][] = [
  ["a cut file", ({ backup: { files } }) => files.set(INVENTORY, files.get(INVENTORY)!.slice(0, -9)), [
    "ip_inventory",
  ]],
  ["a flipped byte", ({ backup: { files } }) => files.set(INVENTORY, flip(files.get(INVENTORY)!, 60)), [
    "ip_inventory",
  ]],
  ["a flipped byte of an edition", ({ backup: { files } }) => files.set(ASN, flip(files.get(ASN)!, 40)), [
    "GeoLite2-ASN.mmdb",
  ]],
  [
    "zero bytes",
    ({ backup: { files } }) => files.set(SESSIONS, new Uint8Array(files.get(SESSIONS)!.length)),
    [
      "sessions",
    ],
  ],
  ["no bytes", ({ backup: { files } }) => files.set(SESSIONS, new Uint8Array()), ["sessions"]],
  [
    "trailing bytes",
    ({ backup: { files } }) => files.set(SESSIONS, Uint8Array.of(...files.get(SESSIONS)!, 0)),
    [
      "sessions",
    ],
  ],
  ["a missing member", ({ backup: { files } }) => files.delete(SESSIONS), ["sessions"]],
  ["swapped members", ({ backup: { files } }) => {
    const inventory = files.get(INVENTORY)!;
    files.set(INVENTORY, files.get(SESSIONS)!).set(SESSIONS, inventory);
  }, ["ip_inventory", "sessions"]],
  ["another backup's file", async ({ world, backup }) => {
    world.database.tables[0]!.rows[2] = world.database.tables[0]!.rows[2]!.replace("\t2\t", "\t3\t");
    const other = await createBackup(world.deps, { reason: "backup", withEditions: false });
    backup.files.set(INVENTORY, world.place.backups.get(other.id)!.files.get(INVENTORY)!);
  }, ["ip_inventory"]],
  ["an extra file", ({ backup: { files } }) => files.set("notes.txt", new Uint8Array(1)), ["notes.txt"]],
  ["an extra edition", ({ backup: { files } }) => files.set("edition-x.mmdb.gz", new Uint8Array(1)), [
    "edition-x.mmdb.gz",
  ]],
  [
    "an edited manifest",
    ({ backup }) => backup.manifest = backup.manifest.replace('"rows": 5', '"rows": 6'),
    [
      "manifest",
    ],
  ],
  ["a cut manifest", ({ backup }) => backup.manifest = backup.manifest.slice(0, -9), ["manifest"]],
  ["an empty manifest", ({ backup }) => backup.manifest = "", ["manifest"]],
  [
    "another schema in the manifest",
    ({ backup }) => backup.manifest = backup.manifest.replace('"version": 11', '"version": 10'),
    [
      "manifest",
    ],
  ],
  ["another backup's manifest", async ({ world, backup }) => {
    const other = await createBackup(world.deps, { reason: "backup", withEditions: false });
    backup.manifest = world.place.backups.get(other.id)!.manifest;
  }, ["manifest"]],
  ["a duplicated row", (opened) => rewriteRows(opened, (rows) => [...rows, rows[4]!]), ["ip_inventory"]],
  [
    "a duplicate in place of a row",
    (opened) => rewriteRows(opened, (rows) => [...rows.slice(0, 4), rows[3]!]),
    [
      "ip_inventory",
    ],
  ],
  ["reordered rows", (opened) => rewriteRows(opened, (rows) => rows.reverse()), ["ip_inventory"]],
  ["a lost row", (opened) => rewriteRows(opened, (rows) => rows.slice(0, 4)), ["ip_inventory"]],
  ["a row that is cut", (opened) => rewriteRows(opened, (rows) => [rows.join("").slice(0, -1)]), [
    "ip_inventory",
  ]],
  ["a file that is not packed", (opened) => {
    const plain = new TextEncoder().encode(opened.world.database.tables[1]!.rows.join(""));
    const file_sha256 = createHash("sha256").update(plain).digest("hex");
    opened.backup.files.set(SESSIONS, plain);
    forge(opened.backup, ({ tables }) => ({
      tables: tables.map((one) =>
        one.file === SESSIONS ? { ...one, file_bytes: plain.length, file_sha256 } : one
      ),
    }));
  }, ["sessions"]],
  ["several members", ({ backup: { files } }) => {
    files.set(ASN, flip(files.get(ASN)!, 40)).set(INVENTORY, flip(files.get(INVENTORY)!, 60)).delete(
      SESSIONS,
    );
  }, ["ip_inventory", "sessions", "GeoLite2-ASN.mmdb"]],
];

Deno.test("verifyBackup() names every member that is not as it was backed up", async (t) => {
  for (const [name, damage, members] of DAMAGES) {
    await t.step(name, async () => {
      const opened = await openBackup();
      const { world, manifest } = opened;
      assertEquals((await verifyBackup(world.deps, manifest.id, ROWS)).status, "sound");
      await damage(opened);
      const report = await verifyBackup(world.deps, manifest.id, ROWS);
      assertEquals(report.status, "damaged");
      const bad = report.members.filter(({ problem }) => problem !== null);
      assertEquals(bad.map(({ member }) => member), members);
      assertEquals(report.message, bad[0]!.problem);
      for (const { member, problem } of bad) assert(problem!.includes(member), problem!);
      assertEquals(markOf(opened), null);
    });
  }
});

/** What a bad disk or a clumsy hand does to bytes. */
const HARMS: readonly ((bytes: Uint8Array, at: number) => Uint8Array)[] = [
  (bytes, at) => flip(bytes, at),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at) => bytes.slice(at + 1),
  (bytes, at) => Uint8Array.of(...bytes.slice(0, at), ...bytes.slice(at + 1)),
  (bytes, at) => Uint8Array.of(...bytes.slice(0, at), 10, ...bytes.slice(at)),
  (bytes, at) => bytes.map((byte, index) => index < at ? byte : 0),
  (bytes) => Uint8Array.of(...bytes, ...bytes),
];

Deno.test("verifyBackup() finds any harm that is done to one file, and names its member", async () => {
  const opened = await openBackup();
  const { world, manifest, backup } = opened;
  const members = new Map([...manifest.tables, ...manifest.editions!.files].map((one) => [
    one.file,
    "table" in one ? one.table : one.edition,
  ]));
  const [whole, text] = [new Map(backup.files), backup.manifest];
  const files = fc.constantFrom("manifest", ...members.keys());
  const property = fc.asyncProperty(files, fc.nat(), fc.constantFrom(...HARMS), async (file, seed, harm) => {
    const bytes = whole.get(file) ?? new TextEncoder().encode(text);
    const harmed = harm(bytes, seed % bytes.length);
    fc.pre(harmed.length !== bytes.length || harmed.some((byte, index) => byte !== bytes[index]));
    if (file === "manifest") backup.manifest = new TextDecoder().decode(harmed);
    else backup.files.set(file, harmed);
    const found = await verifyBackup(world.deps, manifest.id, ROWS);
    backup.manifest = text;
    if (file !== "manifest") backup.files.set(file, bytes);
    if (found.status === "refused") return assertEquals(file, "manifest");
    const bad = found.members.filter(({ problem }) => problem !== null).map(({ member }) => member);
    assertEquals([found.status, bad], ["damaged", [members.get(file) ?? "manifest"]]);
  });
  await fc.assert(property, { numRuns: 300 });
  assertEquals((await verifyBackup(world.deps, manifest.id, ROWS)).status, "sound");
});

Deno.test("verifyBackup() finds a value that its column can't hold", async () => {
  const world = new BackupWorld();
  world.database.tables[0]!.rows[3] = "5.0.0.3\tmany\t{}\t2026-11-23 12:00:00+00\n";
  const { id } = await createBackup(world.deps, { reason: "backup", withEditions: false });
  const report = await verifyBackup(world.deps, id, ROWS);
  assertEquals(report.message, 'Cannot read row 4 of ip_inventory: column "asn_number" holds no bigint');
  assertEquals((await verifyBackup(world.deps, id, { depth: "files" })).status, "sound");
});

Deno.test("verifyBackup() reads and marks a sound backup", async () => {
  const opened = await openBackup();
  const { world, manifest } = opened;
  const seen = new Map<string, number>();
  const onProgress = ({ member, done }: { member: string; done: number }) => void seen.set(member, done);
  const report = await verifyBackup(world.deps, manifest.id, { ...ROWS, onProgress });
  assertEquals([report.status, report.depth, report.message], ["sound", "rows", null]);
  assertEquals(report.members.map(({ member, rows }) => [member, rows]), [
    ["manifest", null],
    ["ip_inventory", 5],
    ["sessions", 2],
    ["empty_one", 0],
    ["GeoLite2-City.mmdb", null],
    ["GeoLite2-ASN.mmdb", null],
  ]);
  const { verified_at, depth } = markOf(opened)!;
  assertEquals([verified_at, depth], ["2026-11-23T12:00:00.000Z", "rows"]);
  assertEquals(seen.get("ip_inventory"), manifest.tables[0]!.bytes);
});

Deno.test("verifyBackup() leaves a deeper mark as it is", async () => {
  const opened = await openBackup();
  const { world, manifest } = opened;
  await markBackup(world.deps, manifest, "restore");
  world.pass(1);
  await verifyBackup(world.deps, manifest.id, { depth: "files" });
  assertEquals([markOf(opened)!.depth, markOf(opened)!.verified_at], ["restore", "2026-11-23T12:00:00.000Z"]);
  await verifyBackup(world.deps, manifest.id, ROWS);
  assertEquals(markOf(opened)!.depth, "restore");
});

Deno.test("verifyBackup() leaves the mark alone where it is asked to", async () => {
  const opened = await openBackup();
  const { world, manifest, backup } = opened;
  await verifyBackup(world.deps, manifest.id, { ...ROWS, isMarking: false });
  assertEquals(backup.mark, null);
  await verifyBackup(world.deps, manifest.id, ROWS);
  backup.files.delete(INVENTORY);
  await verifyBackup(world.deps, manifest.id, { ...ROWS, isMarking: false });
  assertEquals(markOf(opened)!.depth, "rows");
});

Deno.test("verifyBackup() says that nobody here can read what is encrypted for others", async () => {
  const opened = await openBackup(createGzipCodec(["age1xyz"]));
  const { world, manifest, backup } = opened;
  const sealed = await verifyBackup(world.deps, manifest.id, ROWS);
  assertEquals([sealed.status, sealed.depth, backup.mark], ["sealed", "files", null]);
  const { unpack } = await world.deps.codec.begin();
  const own = await verifyBackup(world.deps, manifest.id, { ...ROWS, unpack });
  assertEquals([own.status, own.depth, markOf(opened)!.depth], ["sound", "rows", "rows"]);
  backup.files.set(ASN, flip(backup.files.get(ASN)!, 40));
  assertEquals((await verifyBackup(world.deps, manifest.id, ROWS)).status, "damaged");
});

Deno.test("verifyBackup() starts again when editions are taken out meanwhile", async () => {
  const { world, manifest, backup } = await openBackup();
  world.place.onUse = (use) => {
    if (!use.includes("sessions")) return;
    world.place.onUse = () => {};
    forge(backup, () => ({
      editions: null,
      missing_editions: { reason: "expired", at: "2026-11-23T12:00:00.000Z", message: "over" },
    }));
    backup.files.delete(ASN);
  };
  const report = await verifyBackup(world.deps, manifest.id, ROWS);
  // The other edition's file waits for the end of the rewrite.
  assertEquals([report.status, report.members.length], ["sound", 4]);
});

Deno.test("verifyBackup() refuses what is not there and can't judge what a newer program made", async () => {
  const { world, manifest, backup } = await openBackup();
  for (const id of ["20200101-000000-00000000", "../x", "latest"]) {
    await assertRejects(() => verifyBackup(world.deps, id, ROWS), UsageError, "there is no such backup");
  }
  backup.manifest = backup.manifest.replace('"format": 1', '"format": 2');
  const report = await verifyBackup(world.deps, manifest.id, ROWS);
  assertEquals(report.status, "refused");
  assertStringIncludes(report.message ?? "", "too old");
  backup.manifest = backup.manifest.replace('"format": 2', '"format": 1');
  forge(backup, ({ schema }) => ({ schema: { ...schema, version: 12 } }));
  const newer = await verifyBackup(world.deps, manifest.id, ROWS);
  assertEquals(newer.status, "refused");
  assertStringIncludes(newer.message ?? "", "schema is version 12");
  forge(backup, () => ({ schema: { version: 11, checksum: "cd".repeat(32) } }));
  const other = await verifyBackup(world.deps, manifest.id, ROWS);
  assertEquals([other.status, other.message?.includes("not the one")], ["refused", true]);
});

Deno.test("verifyBackup() stops when it is asked to", async () => {
  const { world, manifest, backup } = await openBackup();
  const control = new AbortController();
  world.place.onUse = () => control.abort(new Error("stopped"));
  await assertRejects(
    () => verifyBackup(world.deps, manifest.id, { ...ROWS, signal: control.signal }),
    Error,
    "stopped",
  );
  assertEquals(backup.mark, null);
});

Deno.test("verifyBackup() blames the backup for what is about its rows, and for nothing else", async (t) => {
  class RowError extends StoreError {
    override readonly refusesRows = true;
  }
  const opened = await openBackup();
  const { world: { deps }, manifest } = opened;
  const tryWith = (error: Error) =>
    verifyBackup(deps, manifest.id, {
      depth: "restore",
      openScratch: () => {
        const replace = () => Promise.reject(error);
        const database = { ...deps.database, replace };
        return Promise.resolve({ database, [Symbol.asyncDispose]: () => Promise.resolve() });
      },
    });
  for (const error of [new StoreError("Cannot write: no space left"), new Error("EMFILE")]) {
    await t.step(error.message, async () => {
      await verifyBackup(deps, manifest.id, ROWS);
      await assertRejects(() => tryWith(error), Error, error.message);
      assertEquals(markOf(opened)?.depth, "rows");
    });
  }
  for (
    const error of [new RowError("Cannot use the database: twice"), new RestoreDiffersError("other rows")]
  ) {
    await t.step(error.message, async () => {
      const report = await tryWith(error);
      assertEquals([report.status, report.message], ["damaged", error.message]);
      assertEquals(markOf(opened), null);
    });
  }
});

Deno.test("verifyBackup() writes down what it found, until the backup is sound again", async () => {
  const { world, manifest, backup } = await openBackup();
  const whole = backup.files.get(INVENTORY)!;
  backup.files.set(INVENTORY, flip(whole, 60));
  const { message } = await verifyBackup(world.deps, manifest.id, ROWS);
  assertEquals(await listBackups(world.deps), {
    operation: "list-backups",
    place: "memory",
    backups: [{ id: manifest.id, status: "damaged", message: message! }],
    verified: 0,
    damaged: 1,
  });
  backup.files.set(INVENTORY, whole);
  assertEquals((await listBackups(world.deps)).damaged, 1);
  await verifyBackup(world.deps, manifest.id, { depth: "files" });
  const { verified, damaged } = await listBackups(world.deps);
  assertEquals([verified, damaged], [1, 0]);
});

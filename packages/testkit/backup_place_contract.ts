import { BackupDamagedError, type BackupPlace, BackupPlaceError, LockHeldError } from "@ipcascade/core";
import { assert, assertEquals, assertRejects } from "./assert.ts";
import type { ContractCase } from "./contract.ts";
import { concatBytes } from "./tar_writer.ts";

/** An empty place for backups, as the contract sees it. */
export interface BackupPlaceSubject {
  /** Another one on the same place, as another process has it. */
  open(): BackupPlace;
  /** What a refused contender is told of the holder. */
  readonly owner: string;
  /** Leaves what a killed process leaves of a backup with one file, long ago. */
  abandon(id: string): Promise<void>;
  /** What lies there besides complete backups; empty when nothing does. */
  listLeftovers(): Promise<readonly string[]>;
}

const ONE = "20261123-010000-00000001";
const TWO = "20261124-010000-00000002";
const THREE = "20261125-010000-00000003";
const FOUR = "20261126-010000-00000004";
const ROWS = "asn_inventory.copy.gz";
const EDITION = "edition-GeoLite2-City.mmdb.gz";
const HOSTILE = ["", ".", "..", "../x", "a/b", "/etc", "a\\b", ".hidden", "a\0b", "a b", "x".repeat(300)];

/** Puts a complete backup of two files into a place whose lock is held. */
export async function putBackup(
  place: BackupPlace,
  id: string,
  bytes: Uint8Array = fill(300_000),
): Promise<void> {
  await using staging = await place.stage(id);
  for (const file of [ROWS, EDITION]) {
    const writer = await staging.openFile(file);
    for (let at = 0; at < bytes.length; at += 70_000) await writer.write(bytes.subarray(at, at + 70_000));
    await writer.close();
  }
  await staging.commit(`manifest of ${id}\n`);
}

/** What every place of backups does. */
export const BACKUP_PLACE_CONTRACT: readonly ContractCase<BackupPlaceSubject>[] = [
  {
    name: "an empty place has nothing, and reading makes nothing",
    run: async (subject) => {
      const place = subject.open();
      assertEquals([await place.listIds(), await place.readManifest(ONE), await place.readMark(ONE)], [
        [],
        null,
        null,
      ]);
      assertEquals(await place.listFiles(ONE), []);
      await assertRejects(() => collect(place.readFile(ONE, ROWS)), BackupDamagedError);
      assertEquals(await subject.listLeftovers(), []);
    },
  },
  {
    name: "stage() gives back what was written, also before it is complete",
    run: async (subject) => {
      const place = subject.open();
      const bytes = fill(700_000);
      {
        await using _lock = await place.lock("test");
        await using staging = await place.stage(ONE);
        assertEquals(staging.id, ONE);
        const writer = await staging.openFile(ROWS);
        for (let at = 0; at < bytes.length; at += 99_999) await writer.write(bytes.slice(at, at + 99_999));
        await writer.close();
        const empty = await staging.openFile(EDITION);
        await empty.close();
        assertEquals(await collect(staging.readFile(ROWS)), bytes);
        assertEquals(await place.listIds(), []);
        await staging.commit("{}\n");
      }
      for (const reader of [place, subject.open()]) {
        assertEquals(await reader.listIds(), [ONE]);
        assertEquals(await reader.readManifest(ONE), "{}\n");
        const files = [{ file: ROWS, size: bytes.length }, { file: EDITION, size: 0 }];
        assertEquals(await reader.listFiles(ONE), files);
        assertEquals(await collect(reader.readFile(ONE, ROWS)), bytes);
        assertEquals((await collect(reader.readFile(ONE, EDITION))).length, 0);
      }
      assertEquals(await subject.listLeftovers(), []);
    },
  },
  {
    name: "stage() leaves nothing when it is disposed before it is complete, whatever was open",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      {
        await using staging = await place.stage(ONE);
        await (await staging.openFile(ROWS)).write(fill(100));
      }
      assertEquals([await place.listIds(), await subject.listLeftovers()], [[], []]);
      await putBackup(place, ONE);
      assertEquals(await place.listIds(), [ONE]);
    },
  },
  {
    name: "an id is not given to two backups",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      await putBackup(place, ONE);
      const before = await place.listFiles(ONE);
      await assertRejects(() => putBackup(place, ONE, fill(5)), BackupPlaceError, "already");
      assertEquals([await place.listIds(), await place.listFiles(ONE)], [[ONE], before]);
      assertEquals(await subject.listLeftovers(), []);
    },
  },
  {
    name: "listIds() has the newest first",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      for (const id of [TWO, ONE, THREE]) await putBackup(place, id, fill(10));
      assertEquals(await place.listIds(), [THREE, TWO, ONE]);
    },
  },
  {
    name: "readFile() names a file that is missing, and can be left early",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      await putBackup(place, ONE, fill(900_000));
      const error = await assertRejects(
        () => collect(place.readFile(ONE, "sessions.copy.gz")),
        BackupDamagedError,
      );
      assertEquals(error.member, "sessions.copy.gz");
      for await (const chunk of place.readFile(ONE, ROWS)) {
        assert(chunk.length > 0);
        break;
      }
      assertEquals(await collect(place.readFile(ONE, ROWS)), fill(900_000));
    },
  },
  {
    name: "writeMark() replaces the mark, without a lock, and needs a backup",
    run: async (subject) => {
      const place = subject.open();
      {
        await using _lock = await place.lock("test");
        await putBackup(place, ONE, fill(10));
      }
      for (const text of ["first\n", "second\n"]) {
        await place.writeMark(ONE, text);
        assertEquals(await subject.open().readMark(ONE), text);
      }
      await assertRejects(() => place.writeMark(TWO, "x"), BackupPlaceError, TWO);
      assertEquals((await place.listFiles(ONE)).map(({ file }) => file), [ROWS, EDITION]);
      assertEquals([await place.listIds(), await subject.listLeftovers()], [[ONE], []]);
    },
  },
  {
    name: "rewrite() replaces the manifest and removes what it leaves out",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      await putBackup(place, ONE, fill(10));
      await place.rewrite(ONE, "without editions\n", [EDITION]);
      assertEquals(await place.readManifest(ONE), "without editions\n");
      assertEquals((await place.listFiles(ONE)).map(({ file }) => file), [ROWS]);
      // What was killed after its last step is done again.
      await place.rewrite(ONE, "without editions\n", [EDITION]);
      await assertRejects(() => place.rewrite(TWO, "x", []), BackupPlaceError, TWO);
      assertEquals([await place.listIds(), await subject.listLeftovers()], [[ONE], []]);
    },
  },
  {
    name: "remove() destroys one backup",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      for (const id of [ONE, TWO]) await putBackup(place, id, fill(10));
      await place.writeMark(ONE, "x");
      await place.remove(ONE);
      await place.remove(ONE);
      assertEquals([await place.listIds(), await place.readManifest(ONE)], [[TWO], null]);
      assertEquals(await place.listFiles(ONE), []);
      assertEquals(await subject.listLeftovers(), []);
    },
  },
  {
    name: "sweep() removes what killed processes left, and nothing else",
    run: async (subject) => {
      const place = subject.open();
      {
        await using _lock = await place.lock("test");
        await putBackup(place, ONE, fill(10));
      }
      for (const id of [TWO, THREE]) await subject.abandon(id);
      assert((await subject.listLeftovers()).length > 0);
      await using _lock = await place.lock("test");
      await using staging = await place.stage(FOUR);
      const writer = await staging.openFile(ROWS);
      await writer.write(fill(10));
      await writer.close();
      assertEquals(await place.listIds(), [ONE]);
      assertEquals(await place.sweep(), 2);
      assertEquals(await place.sweep(), 0);
      await staging.commit("x\n");
      assertEquals(await place.listIds(), [FOUR, ONE]);
      assertEquals(await collect(place.readFile(ONE, ROWS)), fill(10));
      assertEquals(await collect(place.readFile(FOUR, ROWS)), fill(10));
      assertEquals(await subject.listLeftovers(), []);
    },
  },
  {
    name: "lock() has one holder, names it, and is given back",
    run: async (subject) => {
      const [place, other] = [subject.open(), subject.open()];
      const lock = await place.lock("back up");
      for (const contender of [other, place]) {
        const refusal = await assertRejects(() => contender.lock("prune"), LockHeldError, subject.owner);
        assert(refusal.message.startsWith("Cannot prune: "), refusal.message);
      }
      await lock[Symbol.asyncDispose]();
      const next = await other.lock("prune");
      // What was given back once must not be given back again: it is somebody else's now.
      await lock[Symbol.asyncDispose]();
      await assertRejects(() => place.lock("back up"), LockHeldError);
      await next[Symbol.asyncDispose]();
    },
  },
  {
    name: "whatever adds or removes backups needs the lock",
    run: async (subject) => {
      const place = subject.open();
      const lock = await place.lock("test");
      await putBackup(place, ONE, fill(10));
      await using staging = await place.stage(TWO);
      await lock[Symbol.asyncDispose]();
      await assertRejects(() => staging.commit("x"), TypeError, "lock");
      await assertRejects(() => place.stage(THREE), TypeError, "lock");
      await assertRejects(() => place.rewrite(ONE, "x", []), TypeError, "lock");
      await assertRejects(() => place.remove(ONE), TypeError, "lock");
      await assertRejects(() => place.sweep(), TypeError, "lock");
      assertEquals([await place.listIds(), await place.readManifest(ONE)], [[ONE], `manifest of ${ONE}\n`]);
    },
  },
  {
    name: "names that could lead elsewhere are refused",
    run: async (subject) => {
      const place = subject.open();
      await using _lock = await place.lock("test");
      await putBackup(place, ONE, fill(10));
      await using staging = await place.stage(TWO);
      for (const name of HOSTILE) {
        await assertRejects(() => place.stage(name), BackupPlaceError, "allowed is an id");
        await assertRejects(() => place.remove(name), BackupPlaceError, "allowed is an id");
        await assertRejects(() => place.readManifest(name), BackupPlaceError, "allowed is an id");
        await assertRejects(() => place.writeMark(name, "x"), BackupPlaceError, "allowed is an id");
      }
      for (const name of [...HOSTILE, "manifest.json", "verified.json"]) {
        await assertRejects(() => collect(place.readFile(ONE, name)), BackupPlaceError, "no name");
        await assertRejects(() => place.rewrite(ONE, "x", [name]), BackupPlaceError, "no name");
        await assertRejects(() => staging.openFile(name), BackupPlaceError, "no name");
        await assertRejects(() => collect(staging.readFile(name)), BackupPlaceError, "no name");
      }
      assertEquals(await place.readManifest(ONE), `manifest of ${ONE}\n`);
    },
  },
];

/** Bytes that differ from place to place, the same each time. */
function fill(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = at * 31 + (at >> 8);
  return bytes;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return concatBytes(all);
}

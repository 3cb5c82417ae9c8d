import { BackupDamagedError, type BackupPlace, BackupPlaceError, type BackupTable } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { readTable } from "./read_member.ts";

const TABLE: BackupTable = {
  table: "sessions",
  columns: [],
  key: [],
  sequence: null,
  rows: 0,
  bytes: 0,
  checks: [],
  file: "sessions.copy.gz",
  file_bytes: 0,
  file_sha256: "",
};

// deno-lint-ignore require-yield -- fails before it has anything to give
async function* fail(error: Error): AsyncGenerator<Uint8Array> {
  throw await Promise.resolve(error);
}

async function readFailing(error: Error): Promise<void> {
  const place = { readFile: () => fail(error) } as unknown as BackupPlace;
  const createHasher = () => ({ update: () => {}, digest: () => "" });
  const source = {
    deps: { place, createHasher },
    id: "x",
    unpack: (chunks: AsyncIterable<Uint8Array>) => chunks,
  };
  for await (const _ of readTable(TABLE, source));
}

Deno.test("readTable() names the table when a file is missing or can't be unpacked", async () => {
  const missing = new BackupDamagedError('Cannot read "/b/sessions.copy.gz": it is missing', TABLE.file);
  const error = await assertRejects(() => readFailing(missing), BackupDamagedError);
  assertEquals([error.member, error.message], [
    "sessions",
    "Cannot trust sessions of the backup: it is missing",
  ]);
  const cut = new BackupDamagedError("Cannot unpack the file: the gzip data breaks off", "file");
  assertEquals((await assertRejects(() => readFailing(cut), BackupDamagedError)).member, "sessions");
  await assertRejects(() => readFailing(new BackupPlaceError("down")), BackupPlaceError, "down");
});

import { assertEquals, assertRejects } from "@std/assert";
import { FakeRandom, openTempDir } from "@ipcascade/testkit";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readWholeFile } from "./whole_file.ts";

const MIB = 1_048_576;

/** Sizes around those where one read is not enough, and where two threads read. */
const SIZES = [0, 1, 4 * MIB - 1, 4 * MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 21 * MIB + 7];

function randomBytes(size: number): Uint8Array {
  const random = new FakeRandom(size + 1);
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.below(2 ** 32);
  return new Uint8Array(words.buffer, 0, size);
}

/** Equal bytes, without a report of megabytes. */
function isEqual(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && actual.every((byte, at) => byte === expected[at]);
}

Deno.test("readWholeFile() reads files of any size, into memory of either kind", async () => {
  await using dir = await openTempDir();
  const path = join(dir.path, "file");
  for (const size of SIZES) {
    const bytes = randomBytes(size);
    await writeFile(path, bytes);
    const own = await readWholeFile(path);
    const shared = await readWholeFile(path, { isShared: true });
    assertEquals([isEqual(own, bytes), isEqual(shared, bytes)], [true, true], `${size} bytes`);
    assertEquals(own.buffer instanceof ArrayBuffer, true);
    // An empty one may be in any: whoever shares it copies it.
    assertEquals(shared.buffer instanceof SharedArrayBuffer, size > 0);
    assertEquals(shared.buffer.byteLength, size, "nothing else is in the memory");
  }
});

Deno.test("readWholeFile() reads what says no size", async () => {
  const text = new TextDecoder().decode(await readWholeFile("/proc/self/status"));
  assertEquals(text.startsWith("Name:"), true);
});

Deno.test("readWholeFile() never puts halves of two files together while one replaces the other", async () => {
  await using dir = await openTempDir();
  const path = join(dir.path, "edition");
  const size = 9 * MIB;
  const write = async (byte: number) => {
    await writeFile(`${path}.new`, new Uint8Array(size).fill(byte));
    await rename(`${path}.new`, path);
  };
  await write(1);
  let isOver = false;
  const replace = async () => {
    for (let byte = 2; !isOver; byte = byte % 7 + 1) await write(byte);
  };
  const replacing = replace();
  for (let time = 0; time < 40; time++) {
    const bytes = await readWholeFile(path);
    assertEquals([bytes.length, bytes.every((byte) => byte === bytes[0])], [size, true]);
  }
  isOver = true;
  await replacing;
});

Deno.test("readWholeFile() gives what is there of a file that is cut off while it is read", async () => {
  await using dir = await openTempDir();
  const path = join(dir.path, "file");
  const bytes = randomBytes(30 * MIB);
  for (const left of [20 * MIB, 5 * MIB]) {
    await writeFile(path, bytes);
    const reading = readWholeFile(path);
    await truncate(path, left);
    const read = await reading;
    assertEquals([read.length >= left, isEqual(read, bytes.subarray(0, read.length))], [true, true]);
  }
});

/** Opens files, and keeps the handles; `onSecond` makes another of the second one. */
function countOpenings(onSecond?: (path: string) => Promise<FileHandle>): {
  readonly handles: FileHandle[];
  readonly openFile: (path: string) => Promise<FileHandle>;
} {
  const handles: FileHandle[] = [];
  return {
    handles,
    openFile: async (path) => {
      const handle = await (handles.length === 1 && onSecond !== undefined ? onSecond(path) : open(path));
      handles.push(handle);
      return handle;
    },
  };
}

async function assertClosed(handles: readonly FileHandle[]): Promise<void> {
  for (const handle of handles) await assertRejects(() => handle.stat());
}

Deno.test("readWholeFile() opens a large file twice, and closes what it has opened", async () => {
  await using dir = await openTempDir();
  const path = join(dir.path, "file");
  for (const [size, count] of [[100, 1], [8 * MIB - 1, 1], [8 * MIB, 2]] as const) {
    await writeFile(path, new Uint8Array(size));
    const { handles, openFile } = countOpenings();
    await readWholeFile(path, { openFile });
    assertEquals(handles.length, count, `${size} bytes`);
    await assertClosed(handles);
  }
});

Deno.test("readWholeFile() reads all of the file that it opened when that can't be opened again, or is another", async () => {
  await using dir = await openTempDir();
  const [path, another] = [join(dir.path, "file"), join(dir.path, "another")];
  const bytes = randomBytes(9 * MIB);
  await writeFile(path, bytes);
  await writeFile(another, new Uint8Array(9 * MIB));
  const seconds: (() => Promise<FileHandle>)[] = [
    () => Promise.reject(Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" })),
    () => open(another),
    async () => {
      const handle = await open(path);
      await handle.close();
      return handle;
    },
  ];
  for (const second of seconds) {
    const { handles, openFile } = countOpenings(second);
    assertEquals(isEqual(await readWholeFile(path, { openFile }), bytes), true);
    await assertClosed(handles);
  }
});

Deno.test("readWholeFile() closes what it has opened when one half can't be read", async () => {
  await using dir = await openTempDir();
  const path = join(dir.path, "file");
  await writeFile(path, new Uint8Array(9 * MIB));
  const { handles, openFile } = countOpenings(async (path) => {
    const handle = await open(path);
    handle.read = () => Promise.reject(new Error("EIO: i/o error"));
    return handle;
  });
  await assertRejects(() => readWholeFile(path, { openFile }), Error, "EIO");
  await assertClosed(handles);
});

Deno.test("readWholeFile() refuses what is too large before it takes memory for it", async () => {
  await using dir = await openTempDir();
  const path = join(dir.path, "file");
  await writeFile(path, "");
  await truncate(path, 6 * 1024 * MIB);
  await assertRejects(
    () => readWholeFile(path),
    Error,
    "it has 6442450944 bytes, at most 2147483647 are read",
  );
  await truncate(path, 100);
  assertEquals((await readWholeFile(path, { maxBytes: 100 })).length, 100);
  await assertRejects(
    () => readWholeFile(path, { maxBytes: 99 }),
    Error,
    "it has 100 bytes, at most 99 are read",
  );
  const endless = () => readWholeFile("/proc/self/status", { maxBytes: 9 });
  await assertRejects(endless, Error, "it has more than 9 bytes, at most 9 are read");
});

Deno.test("readWholeFile() refuses devices and pipes, and reads a pipe where one may be", async () => {
  await assertRejects(() => readWholeFile("/dev/zero"), Error, "it is no regular file");
  await assertRejects(() => readWholeFile("/dev/zero", { mayBePipe: true }), Error, "it is no regular file");
  await using dir = await openTempDir();
  const path = join(dir.path, "pipe");
  execFileSync("mkfifo", [path]);
  await assertRejects(() => readWholeFile(path), Error, "it is no regular file");
  const bytes = randomBytes(5 * MIB);
  await writeFile(join(dir.path, "file"), bytes);
  const writer = spawn("sh", ["-c", "cat file >pipe"], { cwd: dir.path });
  const ended = once(writer, "exit");
  assertEquals(isEqual(await readWholeFile(path, { mayBePipe: true }), bytes), true);
  await ended;
});

Deno.test("readWholeFile() throws what the system says", async () => {
  await using dir = await openTempDir();
  const error = await assertRejects(() => readWholeFile(join(dir.path, "nothing")), Error);
  assertEquals((error as { code?: string }).code, "ENOENT");
  await assertRejects(() => readWholeFile(dir.path), Error);
});

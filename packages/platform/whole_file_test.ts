import { assertEquals, assertRejects } from "@std/assert";
import { FakeRandom, openTempDir } from "@ipcascade/testkit";
import { rename, truncate, writeFile } from "node:fs/promises";
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

Deno.test("readWholeFile() throws what the system says", async () => {
  await using dir = await openTempDir();
  const error = await assertRejects(() => readWholeFile(join(dir.path, "nothing")), Error);
  assertEquals((error as { code?: string }).code, "ENOENT");
  await assertRejects(() => readWholeFile(dir.path), Error);
});

import type { Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Bytes asked for at a time. */
const STEP_BYTES = 4 * 1024 * 1024;

/** Smaller files are read by one thread. */
const MIN_SHARED_BYTES = 2 * STEP_BYTES;

/** How a file is read. */
export interface WholeFileOptions {
  /** Into memory that threads share. */
  readonly isShared?: boolean;
}

/**
 * A whole file in memory. The halves of a large one are read at the same time: what takes long is getting the memory
 * from the system, page by page, and two threads get it twice as fast. Throws what the system says.
 */
export async function readWholeFile(path: string, options: WholeFileOptions = {}): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size === 0) return await readStream(file);
    const bytes = allocate(stats.size, options);
    const end = stats.size < MIN_SHARED_BYTES
      ? await readPart(file, bytes, 0, bytes.length)
      : await readHalves(path, { file, stats, bytes });
    return bytes.subarray(0, end);
  } finally {
    await file.close();
  }
}

function allocate(size: number, { isShared }: WholeFileOptions): Uint8Array {
  return isShared === true ? new Uint8Array(new SharedArrayBuffer(size)) : new Uint8Array(size);
}

/** What says no size, like a pipe or a file of the system's own. */
async function readStream(file: FileHandle): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await file.readFile();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Reads both halves, each by a handle of its own: a handle does one thing after the other. Gives where the bytes end. */
async function readHalves(
  path: string,
  { file, stats, bytes }: { readonly file: FileHandle; readonly stats: Stats; readonly bytes: Uint8Array },
): Promise<number> {
  const other = await open(path);
  try {
    // Under the same name there may be another file by now.
    if (!isSameFile(stats, await other.stat())) return await readPart(file, bytes, 0, bytes.length);
    const middle = Math.floor(bytes.length / 2);
    const [first, second] = await Promise.all([
      readPart(file, bytes, 0, middle),
      readPart(other, bytes, middle, bytes.length),
    ]);
    return first < middle ? first : second;
  } finally {
    await other.close();
  }
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.size === other.size;
}

/** Reads from one place of a file to another; gives where the bytes end, which is sooner when the file was cut off. */
async function readPart(file: FileHandle, bytes: Uint8Array, start: number, end: number): Promise<number> {
  let at = start;
  while (at < end) {
    const { bytesRead } = await file.read(bytes, at, Math.min(STEP_BYTES, end - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

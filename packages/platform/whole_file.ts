import type { BigIntStats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** Bytes asked for at a time. */
const STEP_BYTES = 4 * 1024 * 1024;

/** Smaller files are read by one thread. */
const MIN_SHARED_BYTES = 2 * STEP_BYTES;

/** What is larger is refused: offsets into what is read are 31-bit numbers. */
const MAX_BYTES = 2 ** 31 - 1;

/** How a file is read. */
export interface WholeFileOptions {
  /** Into memory that threads share. */
  readonly isShared?: boolean;
  /** Whether a pipe may stand in place of a file; it is waited for. Else it is refused, like a device. */
  readonly mayBePipe?: boolean;
  /** Most that is read. Default 2 GiB, less one. */
  readonly maxBytes?: number;
  /** Opens a file for reading; by default the system's. */
  readonly openFile?: (path: string) => Promise<FileHandle>;
}

/**
 * A whole file in memory. The halves of a large one are read at the same time: what takes long is getting the memory
 * from the system, page by page, and two threads get it twice as fast. Throws what the system says, and for what is
 * no file or too large.
 */
export async function readWholeFile(path: string, options: WholeFileOptions = {}): Promise<Uint8Array> {
  const { openFile = open, maxBytes = MAX_BYTES } = options;
  // Before it is opened: opening a pipe waits for who writes.
  checkKind(await stat(path, { bigint: true }), options);
  const file = await openFile(path);
  try {
    const stats = await file.stat({ bigint: true });
    checkKind(stats, options);
    if (stats.size > maxBytes) throw tooLarge(`it has ${stats.size} bytes`, maxBytes);
    if (!stats.isFile() || stats.size === 0n) return await readStream(file, maxBytes);
    const bytes = allocate(Number(stats.size), options);
    const other = bytes.length < MIN_SHARED_BYTES ? null : await openAgain(path, stats, openFile);
    const end = other === null
      ? await readPart(file, bytes, 0, bytes.length)
      : await readHalves(file, other, bytes);
    return bytes.subarray(0, end);
  } finally {
    await file.close();
  }
}

function checkKind(stats: BigIntStats, { mayBePipe }: WholeFileOptions): void {
  if (stats.isFile() || (stats.isFIFO() && mayBePipe === true)) return;
  // Opened and read, a directory says so itself, in the system's words.
  if (!stats.isDirectory()) throw new Error("it is no regular file");
}

function tooLarge(state: string, maxBytes: number): Error {
  return new Error(`${state}, at most ${maxBytes} are read`);
}

function allocate(size: number, { isShared }: WholeFileOptions): Uint8Array {
  return isShared === true ? new Uint8Array(new SharedArrayBuffer(size)) : new Uint8Array(size);
}

/** What says no size, like a pipe or a file of the system's own. */
async function readStream(file: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint8Array(STEP_BYTES);
    const { bytesRead } = await file.read(piece, 0, piece.length);
    if (bytesRead === 0) return new Uint8Array(await new Blob(pieces).arrayBuffer());
    pieces.push(piece.slice(0, bytesRead));
    length += bytesRead;
    if (length > maxBytes) throw tooLarge(`it has more than ${maxBytes} bytes`, maxBytes);
  }
}

/** Another handle of the same file: a handle does one thing after the other. Null when there is none to be had. */
async function openAgain(
  path: string,
  stats: BigIntStats,
  openFile: (path: string) => Promise<FileHandle>,
): Promise<FileHandle | null> {
  const file = await openFile(path).catch(() => null);
  if (file === null) return null;
  // Under the same name there may be another file by now.
  const found = await file.stat({ bigint: true }).catch(() => null);
  if (found !== null && isSameFile(stats, found)) return file;
  await file.close();
  return null;
}

function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.size === other.size &&
    one.mtimeNs === other.mtimeNs;
}

/** Reads both halves; gives where the bytes end. Closes the second handle. */
async function readHalves(file: FileHandle, other: FileHandle, bytes: Uint8Array): Promise<number> {
  const middle = Math.floor(bytes.length / 2);
  try {
    const [first, second] = await Promise.all([
      readPart(file, bytes, 0, middle),
      readPart(other, bytes, middle, bytes.length),
    ]);
    return first < middle ? first : second;
  } finally {
    await other.close();
  }
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

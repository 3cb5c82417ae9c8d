import { randomUUID } from "node:crypto";
import { chmod, chown, type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Systems that can't sync a directory say so in one of these ways. */
const NO_DIRECTORY_SYNC: ReadonlySet<unknown> = new Set(["EISDIR", "EPERM", "EINVAL", "ENOTSUP", "EBADF"]);

/** Makes names that were added to, or taken from, a directory survive a loss of power. */
export async function syncDirectory(dir: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(dir, "r");
    await handle.sync();
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has(readErrorCode(error))) throw error;
  } finally {
    await handle?.close();
  }
}

/** Makes a directory, with those above it, that survives a loss of power. `dir` is absolute. */
export async function makeDirectory(dir: string, mode = 0o755): Promise<void> {
  const first = await mkdir(dir, { recursive: true, mode });
  if (first === undefined) return;
  for (let made = dir; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Who may do what with a file. */
export interface FileRights {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes a file that isn't there yet, and waits until it would survive a loss of power. It gets these rights before
 * its text; without them everybody may read it.
 */
export async function createFile(path: string, text: string, rights?: FileRights): Promise<void> {
  const handle = await open(path, "wx", rights === undefined ? 0o644 : 0o600);
  try {
    if (rights !== undefined) await setRights(path, rights);
    await writeAll(handle, new TextEncoder().encode(text));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** To give a file away is for root alone: elsewhere it stays with who writes it. */
async function setRights(path: string, { mode, uid, gid }: FileRights): Promise<void> {
  await chown(path, uid, gid).catch(() => {});
  // After the owner, for whom some of the bits are taken away.
  await chmod(path, mode & 0o7777);
}

/** Writes all of the bytes where the file stands; one write may take only a part of them. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length;) {
    start += (await handle.write(bytes, start, bytes.length - start)).bytesWritten;
  }
}

/**
 * Replaces a file in one step, whatever happens meanwhile: who reads it gets the old text or the new one. The new
 * one is first written into `stagingDir`, which lies on the same file system, and gets `rights` where they are given.
 */
export async function replaceFile(
  path: string,
  text: string,
  stagingDir: string,
  rights?: FileRights,
): Promise<void> {
  const staged = join(stagingDir, randomUUID());
  try {
    await createFile(staged, text, rights);
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The system's name for an error, such as `ENOENT`; null for other errors. */
export function readErrorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** Tells whether an error means that there is no such file or directory. */
export function isMissing(error: unknown): boolean {
  const code = readErrorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

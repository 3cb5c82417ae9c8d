import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  BackupDamagedError,
  type BackupFileWriter,
  BackupPlaceError,
  EnrichmentError,
  quoteInput,
} from "@ipcascade/core";
import { isMissing, readErrorCode, syncDirectory, writeAll } from "./durable_files.ts";
import { describeSystemError } from "./input_unreadable_error.ts";
import { formatIdentity, readOwnIdentity } from "./process_identity.ts";

/** Bytes that are read at a time. */
const PIECE_SIZE = 256 * 1024;
/** Backups hold sessions and the password lists of attackers: they are for their owner alone. */
const PRIVATE = 0o600;

/** Runs work on a path; what the system refuses becomes a `BackupPlaceError` that names the path. */
export async function withBackupPath<T>(
  action: "read" | "write" | "remove",
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EnrichmentError || error instanceof TypeError) throw error;
    throw new BackupPlaceError(`Cannot ${action} ${quoteInput(path)}: ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  const code = readErrorCode(error);
  if (code === "ENOTDIR" || code === "EEXIST") return "something else is in its place";
  return describeSystemError(error);
}

/** What lies at a path, links not followed; null when nothing does. */
export async function findEntry(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Opens a new file for writing. */
export async function openBackupFile(path: string): Promise<BackupFileWriter> {
  const handle = await withBackupPath("write", path, () => open(path, "wx", PRIVATE));
  let isOpen = true;
  return {
    write: async (chunk) => {
      if (!isOpen) throw new TypeError(`Cannot write "${path}": it is closed`);
      await withBackupPath("write", path, () => writeAll(handle, chunk));
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await withBackupPath("write", path, () => syncAndClose(handle));
    },
  };
}

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file, for good. */
export async function createBackupFile(path: string, text: string): Promise<void> {
  const writer = await openBackupFile(path);
  try {
    await writer.write(new TextEncoder().encode(text));
  } finally {
    await writer.close();
  }
}

/** Replaces a file in one step: who reads it gets the old text or the new one, whatever happens meanwhile. */
export async function replaceBackupFile(path: string, text: string): Promise<void> {
  const staged = join(dirname(path), `.new-${randomUUID()}~${formatIdentity(readOwnIdentity())}`);
  try {
    await createBackupFile(staged, text);
    await withBackupPath("write", path, () => rename(staged, path));
  } catch (error) {
    await rm(staged, { force: true }).catch(() => {});
    throw error;
  }
  await withBackupPath("write", path, () => syncDirectory(dirname(path)));
}

/** Reads a plain file piece by piece. Throws `BackupDamagedError` when it is missing or something else, such as a link. */
export async function* readBackupFile(path: string, file: string): AsyncGenerator<Uint8Array> {
  const handle = await withBackupPath("read", path, () => openPlain(path, file));
  try {
    for (;;) {
      // A new one each time: who got the last one may not be done with it.
      const piece = Buffer.allocUnsafeSlow(PIECE_SIZE);
      const { bytesRead } = await withBackupPath("read", path, () => handle.read(piece, 0, PIECE_SIZE, null));
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function openPlain(path: string, file: string): Promise<FileHandle> {
  const entry = await findEntry(path);
  if (entry === null) throw new BackupDamagedError(`Cannot read ${quoteInput(path)}: it is missing`, file);
  if (!entry.isFile()) {
    throw new BackupDamagedError(`Cannot read ${quoteInput(path)}: it is no plain file`, file);
  }
  return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
}

/** The text of a small file; null when it is not there. */
export async function findBackupText(
  path: string,
  options: { readonly maxBytes: number; readonly member: string },
): Promise<string | null> {
  const { maxBytes, member } = options;
  const entry = await withBackupPath("read", path, () => findEntry(path));
  if (entry === null) return null;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of readBackupFile(path, member)) {
    size += piece.length;
    if (size > maxBytes) {
      throw new BackupDamagedError(
        `Cannot read ${quoteInput(path)}: it is larger than ${maxBytes} bytes`,
        member,
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

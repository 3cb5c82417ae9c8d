import type { Clock } from "@ipcascade/core";
import { DeadlineError, withTimeout } from "../deadline.ts";
import { readBoundedText } from "./bounded_text.ts";
import type { Refuse } from "./delivery.ts";
import { MAX_CHECKSUM_FILE_BYTES, type MirrorPlace, type MirrorWork } from "./mirror_place.ts";

/** A file of a directory. */
export interface MirrorDirectoryFile {
  readonly sizeBytes: number;
  /** In milliseconds since 1970 UTC. */
  readonly modifiedAt: number;
}

/** The part of a directory that a mirror needs. What the system refuses is thrown with its `code`. */
export interface MirrorDirectory {
  /** Null when there is no regular file of that name. */
  findFile(name: string): Promise<MirrorDirectoryFile | null>;
  /** Reads a file; closes it when the reading ends, early too. */
  readFile(name: string): AsyncIterable<Uint8Array>;
}

/** How long one step of a directory is waited for: a share whose server is gone answers nothing. */
export interface FolderPatience {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** A mirror that is a directory, as a mounted share. */
export function createMirrorFolder(directory: MirrorDirectory, patience: FolderPatience): MirrorPlace {
  function find(name: string, work: MirrorWork): Promise<MirrorDirectoryFile | null> {
    return guard(() => directory.findFile(name), work, patience);
  }
  return {
    find: async (name, work) => {
      const file = await find(name, work);
      return file === null
        ? null
        : { version: `${new Date(file.modifiedAt).toISOString()} ${file.sizeBytes}` };
    },
    readText: async (name, work) => {
      if (await find(name, work) === null) return null;
      const chunks = readChunks(directory.readFile(name), work, patience);
      return await readBoundedText(chunks, { maxBytes: MAX_CHECKSUM_FILE_BYTES, refuse: work.refuse });
    },
    open: async (name, work, use) => {
      const file = await find(name, work);
      if (file === null) throw work.refuse("not_found", "the file is gone");
      const chunks = requireSize(
        readChunks(directory.readFile(name), work, patience),
        file.sizeBytes,
        work.refuse,
      );
      return await use({
        chunks,
        totalBytes: file.sizeBytes,
        modifiedAt: new Date(file.modifiedAt).toISOString(),
      });
    },
  };
}

async function* readChunks(
  file: AsyncIterable<Uint8Array>,
  work: MirrorWork,
  patience: FolderPatience,
): AsyncGenerator<Uint8Array> {
  const chunks = file[Symbol.asyncIterator]();
  const step = () => guard(() => chunks.next(), work, patience);
  try {
    for (let next = await step(); !next.done; next = await step()) yield next.value;
  } finally {
    // Not awaited: a read that hangs would hold this back.
    void chunks.return?.()?.catch(() => {});
  }
}

async function* requireSize(
  chunks: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  refuse: Refuse,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    yield chunk;
  }
  if (size !== sizeBytes) {
    throw refuse("network", `the file changed while it was read: ${size} of ${sizeBytes} bytes`);
  }
}

async function guard<T>(
  work: () => Promise<T>,
  { refuse, signal }: MirrorWork,
  { clock, timeoutMs }: FolderPatience,
): Promise<T> {
  try {
    return await withTimeout(work, { timeoutMs, clock, signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DeadlineError) throw refuse("network", `the mirror is silent for ${timeoutMs} ms`);
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    if (code === "EACCES" || code === "EPERM") throw refuse("forbidden", "permission denied");
    throw refuse("network", `the mirror can't be read: ${code}`);
  }
}

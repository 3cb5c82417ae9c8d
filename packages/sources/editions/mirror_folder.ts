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

/** A mirror that is a directory, as a mounted share. */
export function createMirrorFolder(directory: MirrorDirectory): MirrorPlace {
  async function find(name: string, { refuse, signal }: MirrorWork): Promise<MirrorDirectoryFile | null> {
    signal?.throwIfAborted();
    return await guard(() => directory.findFile(name), refuse);
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
      const chunks = readChunks(directory, name, work);
      return await readBoundedText(chunks, { maxBytes: MAX_CHECKSUM_FILE_BYTES, refuse: work.refuse });
    },
    open: async (name, work, use) => {
      const file = await find(name, work);
      if (file === null) throw work.refuse("not_found", "the file is gone");
      const chunks = requireSize(readChunks(directory, name, work), file.sizeBytes, work.refuse);
      return await use({
        chunks,
        totalBytes: file.sizeBytes,
        modifiedAt: new Date(file.modifiedAt).toISOString(),
      });
    },
  };
}

async function* readChunks(
  directory: MirrorDirectory,
  name: string,
  { refuse, signal }: MirrorWork,
): AsyncGenerator<Uint8Array> {
  const chunks = directory.readFile(name)[Symbol.asyncIterator]();
  try {
    for (let next = await step(); !next.done; next = await step()) yield next.value;
  } finally {
    await chunks.return?.();
  }

  async function step(): Promise<IteratorResult<Uint8Array>> {
    signal?.throwIfAborted();
    return await guard(() => chunks.next(), refuse);
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

async function guard<T>(work: () => Promise<T>, refuse: Refuse): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    if (code === "EACCES" || code === "EPERM") throw refuse("forbidden", "permission denied");
    throw refuse("network", `the mirror can't be read: ${code}`);
  }
}

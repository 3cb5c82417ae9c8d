import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { MirrorDirectory, MirrorDirectoryFile } from "@ipcascade/sources";

const CHUNK_BYTES = 64 * 1024;

/** Gives access to the files of a directory, as a mirror needs it. */
export function openMirrorDirectory(path: string): MirrorDirectory {
  return {
    findFile: (name) => findFile(join(path, name)),
    readFile: (name) => readChunks(join(path, name)),
  };
}

async function findFile(path: string): Promise<MirrorDirectoryFile | null> {
  try {
    const found = await stat(path);
    // A pipe of that name would be waited for without end.
    return found.isFile() ? { sizeBytes: found.size, modifiedAt: Math.trunc(found.mtimeMs) } : null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r");
  try {
    for (;;) {
      // Fresh for each chunk: who takes it may keep it.
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

import { mkdtemp, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { quoteInput } from "@ipcascade/core";

/**
 * Why nothing can be made in a directory, or in the nearest one above it while it is not made itself; null when
 * something can. Asks by making a directory there, which is gone again at once: what permissions say is not all of it
 * on read-only and full disks.
 */
export async function findDirectoryObstacle(dir: string): Promise<string | null> {
  const path = resolve(dir);
  try {
    await rmdir(await mkdtemp(join(path, ".ipcascade-")));
    return null;
  } catch (error) {
    const parent = dirname(path);
    if (readCode(error) === "ENOENT" && parent !== path) return await findDirectoryObstacle(parent);
    const code = readCode(error);
    return `nothing can be made in ${quoteInput(path)}: ${WORDS[code] ?? code}`;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTDIR: "it is not a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "read-only file system",
  ENOSPC: "no space left on device",
};

function readCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}

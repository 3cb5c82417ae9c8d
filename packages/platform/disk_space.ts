import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { DiskSpace } from "@ipcascade/core";
import { isMissing } from "./durable_files.ts";

/** Space on the disk of a directory, or of the nearest one above it while it is not made yet. */
export async function readDiskSpace(dir: string): Promise<DiskSpace> {
  const path = resolve(dir);
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    return await readDiskSpace(parent);
  }
}

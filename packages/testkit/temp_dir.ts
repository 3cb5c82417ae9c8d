import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeDir } from "./remove_dir.ts";

/** A directory that is removed, with what is in it, when disposed. */
export interface TempDir extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
  /** A path below it. */
  join(...parts: string[]): string;
}

/** Opens a fresh directory: `await using dir = await openTempDir()`. */
export async function openTempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), "ipcascade-test-"));
  return {
    path,
    join: (...parts) => join(path, ...parts),
    [Symbol.asyncDispose]: () => removeDir(path),
  };
}

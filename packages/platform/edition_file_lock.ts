import { dirname, resolve } from "node:path";
import type { Clock, EditionLock, Log } from "@ipcascade/core";
import { type DirectoryLock, openDirectoryLock } from "./directory_lock.ts";
import { makeDirectory } from "./durable_files.ts";
import { type EditionDirectory, withPath } from "./edition_directory.ts";
import { openFlock } from "./flock.ts";

/** How the lock of a directory of editions is taken. */
export interface EditionFileLockOptions {
  readonly clock: Clock;
  readonly log?: Log;
  /** A file whose `flock` is taken as well, as geoipupdate does. */
  readonly lockFile?: string | null;
  /** Called once, before the lock is given back. */
  readonly onRelease: () => void;
}

/** Takes the lock of a directory of editions for an action, and geoipupdate's with it. Throws `LockHeldError`. */
export async function openEditionFileLock(
  directory: EditionDirectory,
  action: string,
  options: EditionFileLockOptions,
): Promise<EditionLock> {
  const own = await withPath("write", directory.lock, async () => {
    await makeDirectory(directory.root);
    return await openDirectoryLock(directory.lock, { action, claim: "holds their lock" });
  });
  try {
    return createLock(own, await openShared(action, options), options.onRelease);
  } catch (error) {
    await own.release();
    throw error;
  }
}

async function openShared(action: string, options: EditionFileLockOptions): Promise<AsyncDisposable | null> {
  const { lockFile = null, clock, log } = options;
  if (lockFile === null) return null;
  const path = resolve(lockFile);
  await withPath("write", path, () => makeDirectory(dirname(path)));
  const shared = await openFlock(path, { action, clock });
  if (shared === null) log?.warn("The lock file can't be locked on this runtime", { file: path });
  return shared;
}

function createLock(own: DirectoryLock, shared: AsyncDisposable | null, onRelease: () => void): EditionLock {
  let isReleased = false;
  return {
    // Others on the machine see that this process lives, so nobody takes the lock from it.
    lost: new AbortController().signal,
    [Symbol.asyncDispose]: async () => {
      if (isReleased) return;
      isReleased = true;
      onRelease();
      await shared?.[Symbol.asyncDispose]();
      await own.release();
    },
  };
}

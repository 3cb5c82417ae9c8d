import { type Clock, EditionStoreError, LockHeldError, quoteInput } from "@ipcascade/core";
import { describeSystemError } from "./input_unreadable_error.ts";

/** How a file lock is asked for. */
export interface FlockOptions {
  /** What the lock is for, as in `Cannot <action>: another process has … locked`. */
  readonly action: string;
  readonly clock: Clock;
  /** How long to wait for another holder; default 5 seconds. */
  readonly waitMs?: number;
}

interface LockableFile {
  tryLock(exclusive: boolean): Promise<boolean>;
  close(): void;
}

interface LockingRuntime {
  readonly Deno?: {
    open(path: string, options: { read: true; write: true; create: true }): Promise<LockableFile>;
  };
}

const DEFAULT_WAIT_MS = 5_000;
const POLL_MS = 100;

/**
 * Takes the exclusive `flock` of a file, which is made when it is not there; the system gives it back when the
 * process ends. Null where the runtime has no file locks. Throws `LockHeldError` when another holder, such as
 * geoipupdate, doesn't let go in time, and `EditionStoreError` when the file can't be opened.
 */
export async function openFlock(path: string, options: FlockOptions): Promise<AsyncDisposable | null> {
  const file = await openLockable(path);
  if (file === null) return null;
  try {
    await waitForLock(file, path, options);
  } catch (error) {
    file.close();
    throw error;
  }
  let isOpen = true;
  return {
    [Symbol.asyncDispose]: () => {
      if (isOpen) file.close();
      isOpen = false;
      return Promise.resolve();
    },
  };
}

async function openLockable(path: string): Promise<LockableFile | null> {
  const { Deno: runtime } = globalThis as unknown as LockingRuntime;
  if (runtime === undefined) return null;
  try {
    const file = await runtime.open(path, { read: true, write: true, create: true });
    if (typeof file.tryLock === "function") return file;
    file.close();
    return null;
  } catch (error) {
    throw new EditionStoreError(`Cannot lock ${quoteInput(path)}: ${describeSystemError(error)}`);
  }
}

async function waitForLock(file: LockableFile, path: string, options: FlockOptions): Promise<void> {
  const { action, clock, waitMs = DEFAULT_WAIT_MS } = options;
  for (let waitedMs = 0; !await tryLock(file, path); waitedMs += POLL_MS) {
    if (waitedMs >= waitMs) {
      throw new LockHeldError(`Cannot ${action}: another process has ${quoteInput(path)} locked`);
    }
    await clock.sleep(POLL_MS);
  }
}

/** Some file systems have no locks. */
async function tryLock(file: LockableFile, path: string): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch (error) {
    throw new EditionStoreError(`Cannot lock ${quoteInput(path)}: ${describeSystemError(error)}`);
  }
}

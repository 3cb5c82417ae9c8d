import { mkdir, readdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LockHeldError } from "@ipcascade/core";
import { readErrorCode } from "./durable_files.ts";
import {
  formatIdentity,
  mayBeAlive,
  parseIdentity,
  type ProcessIdentity,
  readOwnIdentity,
} from "./process_identity.ts";

/** A lock that one process on the machine holds; dispose it to give it back. */
export interface DirectoryLock extends AsyncDisposable {
  /** Gives the lock back; a second call does nothing. */
  release(): Promise<void>;
}

/** How a lock is asked for. */
export interface DirectoryLockOptions {
  /** What the lock is for, as in `Cannot <action>: process 12 holds …`. */
  readonly action: string;
  /** What is said of the holder; default `has it open`. */
  readonly claim?: string;
  /** Given: where there is no room for the lock, and no living process is seen to hold it, this is told and that is all. */
  readonly onNoRoom?: (error: unknown) => void;
  /** Given: where nothing may be written, as on a machine without a disk, this is told and that is all. */
  readonly onNoDisk?: (error: unknown) => void;
}

/** Written into the file of a contender that won. */
const HELD = "held\n";
const MAX_TRIES = 12;
const MAX_PAUSE_MS = 150;

/**
 * Takes the lock that is the directory `dir`, which is made when it is not there. Throws `LockHeldError` when a living
 * process holds it, this one included; what a killed process left is cleaned up.
 *
 * Every contender first creates a file of its own, named after it, and only then looks at the others': of two, at
 * least one sees the other and gives way. Two that give way to each other try again after different pauses.
 */
export async function openDirectoryLock(dir: string, options: DirectoryLockOptions): Promise<DirectoryLock> {
  try {
    return await contend(dir, options);
  } catch (error) {
    const tell = chooseTold(error, options);
    if (tell === undefined) throw error;
    const own = readOwnIdentity();
    const other = await findOther(dir, own).catch(() => null);
    if (other !== null) throw heldBy(dir, other, own, options);
    tell(error);
    const release = () => Promise.resolve();
    return { release, [Symbol.asyncDispose]: release };
  }
}

/** Who is told of a failure that is borne; undefined where it is not. */
function chooseTold(error: unknown, options: DirectoryLockOptions): DirectoryLockOptions["onNoRoom"] {
  const code = readErrorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") return options.onNoRoom;
  // Deno's word for what its flags don't allow.
  const isReadOnly = code === "EROFS" || (error instanceof Error && error.name === "NotCapable");
  return isReadOnly ? options.onNoDisk : undefined;
}

async function contend(dir: string, options: DirectoryLockOptions): Promise<DirectoryLock> {
  const own = readOwnIdentity();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (let tries = 1;; tries++) {
    await createOwnFile(dir, own, options);
    const other = await findOther(dir, own);
    if (other === null) {
      await hold(join(dir, formatName(own)));
      return createLock(join(dir, formatName(own)));
    }
    await rm(join(dir, formatName(own)), { force: true });
    if (tries === MAX_TRIES || await isHeld(dir, other)) throw heldBy(dir, other, own, options);
    await pause(Math.random() * MAX_PAUSE_MS);
  }
}

/** Nothing is left of a lock that can't be written. */
async function hold(path: string): Promise<void> {
  try {
    await writeFile(path, HELD);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function createLock(path: string): DirectoryLock {
  let isReleased = false;
  const release = async () => {
    if (isReleased) return;
    isReleased = true;
    await rm(path, { force: true });
  };
  return { release, [Symbol.asyncDispose]: release };
}

async function createOwnFile(
  dir: string,
  own: ProcessIdentity,
  options: DirectoryLockOptions,
): Promise<void> {
  try {
    await writeFile(join(dir, formatName(own)), "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    // The name is this process's alone.
    if ((error as { code?: string }).code === "EEXIST") throw heldBy(dir, own, own, options);
    throw error;
  }
}

/** A living contender besides this one, preferring one that holds the lock; files of dead ones are removed. */
async function findOther(dir: string, own: ProcessIdentity): Promise<ProcessIdentity | null> {
  const living: ProcessIdentity[] = [];
  for (const name of await readdir(dir)) {
    const identity = parseName(name);
    if (identity === null || name === formatName(own)) continue;
    if (mayBeAlive(identity)) living.push(identity);
    else await unlink(join(dir, name)).catch(() => {});
  }
  for (const identity of living) {
    if (await isHeld(dir, identity)) return identity;
  }
  return living[0] ?? null;
}

async function isHeld(dir: string, identity: ProcessIdentity): Promise<boolean> {
  return await readFile(join(dir, formatName(identity)), "utf8").catch(() => "") === HELD;
}

const PREFIX = "lock~";

function formatName(identity: ProcessIdentity): string {
  return `${PREFIX}${formatIdentity(identity)}`;
}

function parseName(name: string): ProcessIdentity | null {
  return name.startsWith(PREFIX) ? parseIdentity(name.slice(PREFIX.length)) : null;
}

function heldBy(
  dir: string,
  holder: ProcessIdentity,
  own: ProcessIdentity,
  { action, claim = "has it open" }: DirectoryLockOptions,
): LockHeldError {
  const where = holder.host === own.host
    ? ""
    : ` on the machine "${holder.host}" (if it is gone, delete "${join(dir, formatName(holder))}")`;
  const who = holder.pid === own.pid && where === ""
    ? `this process (${own.pid})`
    : `process ${holder.pid}${where}`;
  return new LockHeldError(`Cannot ${action}: ${who} ${claim}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

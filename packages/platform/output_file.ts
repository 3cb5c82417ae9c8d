import { lstat, readlink, realpath, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { quoteInput } from "@ipcascade/core";
import { type FileRights, isMissing, readErrorCode, replaceFile } from "./durable_files.ts";
import { OutputFailedError } from "./output_stream.ts";

/** Where a text goes. */
interface OutputTarget {
  readonly path: string;
  /** True for what is no file, such as a device or a pipe: it is written into. */
  readonly isOpenEnded: boolean;
  /** Of the file that is there. */
  readonly rights?: FileRights;
}

/** As many links as Linux follows. */
const MAX_LINKS = 40;

/** Names of the standard output that other programs know, too. */
const STANDARD_OUTPUT: ReadonlySet<string> = new Set(["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** Tells whether a name that somebody gave for a file means the standard output. */
export function isStandardOutput(path: string): boolean {
  return STANDARD_OUTPUT.has(path);
}

/**
 * Writes a text into a file that somebody named: in one step, so that who reads it gets the old text or the new one. The
 * file keeps its mode, and its owner where that is allowed. A link is followed, also to a file that isn't there yet, and
 * never replaced; what is there and no file, such as a device, is written into. Throws `OutputFailedError`.
 */
export async function writeOutputFile(path: string, text: string): Promise<void> {
  try {
    const target = await findTarget(resolve(path));
    if (target.isOpenEnded) await writeFile(target.path, text);
    else await replaceFile(target.path, text, dirname(target.path), target.rights);
  } catch (error) {
    const reason = readErrorCode(error) ?? String(error);
    throw new OutputFailedError(`Cannot write ${quoteInput(path)}: ${reason}`);
  }
}

/** The system follows links to what has no path, such as a pipe: only what it finds is asked for a path. */
async function findTarget(path: string): Promise<OutputTarget> {
  const found = await stat(path).catch(orMissing);
  if (found === null) return { path: await followLinks(path), isOpenEnded: false };
  if (!found.isFile()) return { path, isOpenEnded: true };
  const real = await realpath(path).catch(orMissing);
  // A file that was removed while somebody has it open.
  return real === null ? { path, isOpenEnded: true } : { path: real, isOpenEnded: false, rights: found };
}

/** Where a file has to be made, so that the links to it lead there. */
async function followLinks(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const place = join(await realpath(dirname(at)), basename(at));
    const found = await lstat(place).catch(orMissing);
    if (found === null || !found.isSymbolicLink()) return place;
    at = resolve(dirname(place), await readlink(place));
  }
  throw new Error("too many links");
}

function orMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

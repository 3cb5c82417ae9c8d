import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EditionStoreError, EnrichmentError, quoteInput } from "@ipcascade/core";
import { isMissing, makeDirectory, syncDirectory } from "./durable_files.ts";
import { describeSystemError } from "./input_unreadable_error.ts";
import { readWholeFile, type WholeFileOptions } from "./whole_file.ts";

/** Where things lie below the directory of the editions. All paths are absolute. */
export interface EditionDirectory {
  readonly root: string;
  /** Complete sets, a directory each. */
  readonly sets: string;
  /** What isn't finished, or is being removed. */
  readonly staging: string;
  readonly lock: string;
  /** Holds the id of the set that serves. */
  readonly current: string;
  readonly state: string;
}

/** The layout of a directory of editions. */
export function layOutEditions(dir: string): EditionDirectory {
  const root = resolve(dir);
  return {
    root,
    sets: join(root, "sets"),
    staging: join(root, "staging"),
    lock: join(root, "lock"),
    current: join(root, "current"),
    state: join(root, "state.json"),
  };
}

/** Name of the file that makes a set complete. */
export const MANIFEST = "manifest.json";

/** Makes the directories that hold something. */
export async function makeEditionDirectories(directory: EditionDirectory): Promise<void> {
  await makeDirectory(directory.sets);
  await makeDirectory(directory.staging);
}

/** Runs work on a path; what the system refuses becomes an `EditionStoreError` that names the path. */
export async function withPath<T>(
  action: "read" | "write" | "remove",
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EnrichmentError || error instanceof TypeError) throw error;
    throw new EditionStoreError(`Cannot ${action} ${quoteInput(path)}: ${describeSystemError(error)}`);
  }
}

/** The text of a file; null when it is not there. */
export function findText(path: string): Promise<string | null> {
  return withPath("read", path, () => nullIfMissing(readFile(path, "utf8")));
}

/** The names in a directory, sorted; none when it is not there. */
export async function listNames(path: string): Promise<readonly string[]> {
  const names = await withPath("read", path, () => nullIfMissing(readdir(path)));
  return (names ?? []).sort();
}

/** A whole file in memory. */
export async function readBytes(path: string, options: WholeFileOptions = {}): Promise<Uint8Array> {
  return await withPath("read", path, () => readWholeFile(path, options));
}

/** Another text whenever a file was replaced or written to; empty for one that can't be looked at. */
export async function readFileVersion(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** Destroys a directory: whoever looks sees all of it or nothing, however far the deletion gets. */
export async function destroyDirectory(path: string, directory: EditionDirectory): Promise<void> {
  const trash = join(directory.staging, randomUUID());
  await withPath("remove", path, async () => {
    await makeDirectory(directory.staging);
    await rename(path, trash);
    await syncDirectory(directory.sets);
    await rm(trash, { recursive: true });
  });
}

async function nullIfMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

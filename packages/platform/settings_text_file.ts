import { readFileSync, statSync } from "node:fs";

/** Bytes; nobody writes more settings than that. */
const MAX_SETTINGS_BYTES = 1024 * 1024;
/** Says by custom that there is nothing to read. */
const NO_FILE = "/dev/null";

/** What a file holds: lines of settings, or one secret, which may come out of a pipe. */
export type TextFileKind = "settings" | "secret";

/**
 * Reads a file of settings; null when there is none of that name, throws when it can't be read. Lines of settings are
 * read from a regular file of at most 1 MB alone, since a pipe or a device may never end.
 */
export function readTextFile(path: string, kind: TextFileKind): string | null {
  try {
    if (kind === "settings" && path !== NO_FILE) checkSettingsFile(path);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return null;
    }
    throw error;
  }
}

function checkSettingsFile(path: string): void {
  const found = statSync(path);
  if (found.isDirectory()) throw new Error("it is a directory");
  if (!found.isFile()) throw new Error("allowed is a regular file, not a pipe, socket or device");
  if (found.size > MAX_SETTINGS_BYTES) throw new Error("it is larger than 1 MB");
}

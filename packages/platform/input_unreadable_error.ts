import { constants } from "node:os";
import { EnrichmentError } from "@ipcascade/core";

/** Thrown when an input file can't be opened, or not be read to its end. */
export class InputUnreadableError extends EnrichmentError {
  /** Stable identifier. */
  override readonly code = "INPUT_UNREADABLE";
}

/** Failures of the place rather than of the name, with the code that an operator looks up. */
const PLACE_FAILURES: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed",
  EROFS: "the file system is read-only",
  EIO: "the device failed",
};

/** Says in words what a system error means for somebody who named a file. */
export function describeSystemError(error: unknown): string {
  const code = findSystemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "EISDIR") return "it is a directory";
  const failure = PLACE_FAILURES[code];
  if (failure !== undefined) return `${failure} (${code})`;
  if (error instanceof Error) return error.message;
  return String(error);
}

/** The system's name for an error. Deno gives the rarer ones by number alone: `File too large (os error 27)`. */
function findSystemCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error) return String(error.code);
  const number = Number(/\(os error (\d+)\)$/.exec(error.message)?.[1]);
  return Object.entries(constants.errno).find(([, errno]) => errno === number)?.[0] ?? "";
}

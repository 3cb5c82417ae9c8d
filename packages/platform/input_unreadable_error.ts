import { EnrichmentError } from "@ipcascade/core";

/** Thrown when an input file can't be opened, or not be read to its end. */
export class InputUnreadableError extends EnrichmentError {
  /** Stable identifier. */
  override readonly code = "INPUT_UNREADABLE";
}

/** Says in words what a system error means for somebody who named a file. */
export function describeSystemError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "EISDIR") return "it is a directory";
  if (error instanceof Error) return error.message;
  return String(error);
}

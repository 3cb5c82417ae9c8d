import { UsageError } from "@ipcascade/core";

/** Longer ones are no reasons but documents. */
const MAX_REASON = 500;

/** Checks a reason; null stays null. Throws `UsageError` for one that says nothing, or too much. */
export function readReason(reason: string | null): string | null {
  const text = reason?.trim() ?? null;
  if (text === "") throw new UsageError("Cannot record an empty reason: say why in a few words");
  if (text !== null && text.length > MAX_REASON) {
    throw new UsageError(
      `Cannot record a reason of ${text.length} characters: allowed are up to ${MAX_REASON}`,
    );
  }
  return text;
}

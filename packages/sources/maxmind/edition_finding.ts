import type { EditionFinding } from "@ipcascade/core";

/** Where a finding is, when it is in a single place. */
interface Place {
  readonly offset?: number | null;
  readonly network?: string | null;
}

/** A finding that refuses the database. */
export function createError(
  code: EditionFinding["code"],
  message: string,
  place: Place = {},
): EditionFinding {
  return createFinding("error", { code, message }, place);
}

/** A finding that is told of. */
export function createWarning(
  code: EditionFinding["code"],
  message: string,
  place: Place = {},
): EditionFinding {
  return createFinding("warning", { code, message }, place);
}

/** A finding of that severity. */
export function createFinding(
  severity: EditionFinding["severity"],
  { code, message }: Pick<EditionFinding, "code" | "message">,
  { offset = null, network = null }: Place = {},
): EditionFinding {
  return { severity, code, message, offset, network };
}

import type { Grade } from "@ipcascade/core";
import type { DiagnosisFinding } from "./diagnosis.ts";

/** A finding; what was measured may be left out. */
export function noteFinding(
  check: string,
  grade: Grade,
  message: string,
  observed: string | number | null = null,
  unit: string | null = null,
): DiagnosisFinding {
  return { check, grade, message, observed, unit };
}

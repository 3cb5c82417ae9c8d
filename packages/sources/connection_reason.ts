import type { FailureReason } from "@ipcascade/core";
import { CONNECTION_SIGNS, listSigns } from "./_error_signs.ts";

/** Why no connection came about. */
export type ConnectionReason = Extract<FailureReason, "refused" | "unresolved" | "timeout" | "unreachable">;

const REASONS = ["refused", "unresolved", "timeout"] as const;

/** Tells by its error why a connection could not be made; whatever is not known counts as `unreachable`. */
export function gradeConnectionError(error: unknown): ConnectionReason {
  const signs = listSigns(error);
  const found = REASONS.find((reason) => signs.some((sign) => CONNECTION_SIGNS[reason].test(sign)));
  return found ?? "unreachable";
}

/** The state of a message, after its colon. */
export const CONNECTION_STATES: Readonly<Record<ConnectionReason, string>> = {
  refused: "the connection was refused",
  unresolved: "the name of the host can't be resolved",
  timeout: "no answer in time",
  unreachable: "the connection failed",
};

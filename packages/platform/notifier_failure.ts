import { gradeConnectionError } from "@ipcascade/sources";

/** Longer reasons are cut: servers may answer with pages. */
const MAX_REASON = 300;

const WORDS = {
  refused: "the connection was refused",
  unresolved: "the name of the host can't be resolved",
  timeout: "no answer in time",
} as const;

/** What runtimes and nodemailer say of a peer that went away. */
const BROKEN = /ECONNRESET|EPIPE|ECONNABORTED|connection (was )?(closed|reset|aborted)|closed unexpectedly/i;

/** Why a message was not taken, in one line. May quote what the other side said. */
export function describeNotifierFailure(error: unknown): string {
  const reason = gradeConnectionError(error);
  if (reason !== "unreachable") return WORDS[reason];
  const message = error instanceof Error ? error.message : String(error);
  if (BROKEN.test(message)) return "the connection broke off";
  return toLine(message === "" ? "the connection failed" : message);
}

/** The start of a text in one line. */
export function toLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length <= MAX_REASON ? line : `${line.slice(0, MAX_REASON - 1)}…`;
}

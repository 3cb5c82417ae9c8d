/**
 * Marks of a connection that never was: the error codes of Node and Bun, and the words of Deno, whose errors
 * have no codes.
 */
const UNSENT_CODES = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ConnectionRefused",
  "FailedToOpenSocket",
]);
const UNSENT_WORDS = /tcp connect error|dns error|connection refused|failed to lookup address/i;
/** Errors nest three deep at most; a cycle must not hang us. */
const MAX_DEPTH = 5;

/** Finds out whether a request was sent. Reads no more than codes and fixed words: messages may hold headers. */
export function isCertainlyUnsent(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return false;
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code === "string" && UNSENT_CODES.has(code)) return true;
  if (UNSENT_WORDS.test(error.message)) return true;
  // Several addresses of one host were tried: each of them must have failed before sending.
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.every((part) => isCertainlyUnsent(part, depth + 1));
  }
  return isCertainlyUnsent(error.cause, depth + 1);
}

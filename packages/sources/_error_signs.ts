/** Errors nest three deep at most; a cycle must not hang us. */
const MAX_DEPTH = 5;

/** Marks of what keeps a connection from being made: codes of Node and Bun, and words of Deno, whose errors have none. */
export const CONNECTION_SIGNS = {
  refused: /ECONNREFUSED|ConnectionRefused|connection refused/i,
  unresolved: /ENOTFOUND|EAI_\w+|dns error|failed to lookup address/i,
  timeout: /TimeoutError|UND_ERR_\w*TIMEOUT|ETIMEDOUT|timed out/,
} as const;

/** The codes, names and messages of an error and of those behind it. They may hold secrets: match them, never repeat them. */
export function listSigns(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return [];
  const code: unknown = "code" in error ? error.code : undefined;
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [
    typeof code === "string" ? code : "",
    error.name,
    error.message,
    ...[error.cause, ...parts].flatMap((part) => listSigns(part, depth + 1)),
  ];
}

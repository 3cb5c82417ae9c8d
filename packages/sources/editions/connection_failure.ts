import type { DeliveryFailure } from "@ipcascade/core";

/** Why no answer came, in words that are ours: the runtimes' own quote addresses, headers and credentials. */
export interface ConnectionFailure {
  readonly failure: DeliveryFailure;
  /** For a message, after its colon. */
  readonly state: string;
}

/** Errors nest three deep at most; a cycle must not hang us. */
const MAX_DEPTH = 5;

/** Codes of Node and Bun, names of errors, and words of Deno, whose errors have no codes. The first match counts. */
const KINDS: readonly { readonly sign: RegExp; readonly told: ConnectionFailure }[] = [
  kind(/\(407\)|UND_ERR_SOCKS5_AUTH/, "the proxy asks for other credentials", "unauthorized"),
  kind(/Proxy response \(\d+\)/, "the proxy refuses to connect"),
  kind(/SOCKS5/, "the SOCKS5 proxy refuses to connect"),
  kind(/ECONNREFUSED|ConnectionRefused|connection refused/i, "the connection was refused"),
  kind(/ENOTFOUND|EAI_AGAIN|dns error|failed to lookup address/i, "the name of the host is not known"),
  kind(/EHOSTUNREACH|ENETUNREACH|unreachable/i, "the host can't be reached"),
  kind(/TimeoutError|UND_ERR_\w*TIMEOUT|ETIMEDOUT|timed out/, "no answer in time"),
  kind(/CERT|certificate|UnknownIssuer/i, "the certificate of the server is not accepted"),
  kind(/ECONNRESET|UND_ERR_SOCKET|connection reset|ConnectionClosed|socket/i, "the connection was reset"),
];

/** Says why a fetch, or the reading of its body, failed. Reads codes and fixed words, and repeats neither. */
export function describeConnectionFailure(error: unknown): ConnectionFailure {
  const signs = listSigns(error);
  const found = KINDS.find(({ sign }) => signs.some((text) => sign.test(text)));
  return found?.told ?? { failure: "network", state: "the connection failed" };
}

function kind(sign: RegExp, state: string, failure: DeliveryFailure = "network") {
  return { sign, told: { failure, state } };
}

function listSigns(error: unknown, depth = 0): readonly string[] {
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

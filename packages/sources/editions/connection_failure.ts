import type { DeliveryFailure } from "@ipcascade/core";
import { CONNECTION_SIGNS, listSigns } from "../_error_signs.ts";

/** Why no answer came, in words that are ours: the runtimes' own quote addresses, headers and credentials. */
export interface ConnectionFailure {
  readonly failure: DeliveryFailure;
  /** For a message, after its colon. */
  readonly state: string;
}

/** Codes of Node and Bun, names of errors, and words of Deno, whose errors have no codes. The first match counts. */
const KINDS: readonly { readonly sign: RegExp; readonly told: ConnectionFailure }[] = [
  kind(/\(407\)|UND_ERR_SOCKS5_AUTH/, "the proxy asks for other credentials", "unauthorized"),
  kind(/Proxy response \(\d+\)/, "the proxy refuses to connect"),
  kind(/SOCKS5/, "the SOCKS5 proxy refuses to connect"),
  kind(CONNECTION_SIGNS.refused, "the connection was refused"),
  kind(CONNECTION_SIGNS.unresolved, "the name of the host is not known"),
  kind(/EHOSTUNREACH|ENETUNREACH|unreachable/i, "the host can't be reached"),
  kind(CONNECTION_SIGNS.timeout, "no answer in time"),
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

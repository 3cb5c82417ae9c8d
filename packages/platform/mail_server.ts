import { Buffer } from "node:buffer";
import { UsageError } from "@ipcascade/core";

/** How a mail server is spoken to. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly isImplicitTls: boolean;
  /**
   * `auto` takes STARTTLS where it is offered, and insists on it where a password would travel to another machine;
   * `required` always insists; `off` never takes it.
   */
  readonly tls: "auto" | "required" | "off";
  /** False takes any certificate. */
  readonly verifiesCertificate: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** The ports of mail submission, with TLS and without (RFC 8314, RFC 6409). */
const PORTS = { "smtps:": 465, "smtp:": 587 } as const;
const TLS_MODES = ["auto", "required", "off"] as const;
const ALLOWED = "allowed are tls=auto|required|off and verify=yes|no";

/**
 * Reads `smtp://user:password@host:port?tls=required&verify=no`. Throws `UsageError` for a query that is not
 * understood, which does not quote the URL.
 */
export function readMailServer(text: string): MailServer {
  const url = new URL(text);
  const isImplicitTls = url.protocol === "smtps:";
  const query = new Map(url.searchParams);
  const tls = TLS_MODES.find((mode) => mode === (query.get("tls") ?? "auto"));
  const verify = query.get("verify") ?? "yes";
  const isKnown = [...query.keys()].every((name) => name === "tls" || name === "verify");
  if (tls === undefined || !isKnown || !["yes", "no"].includes(verify)) {
    throw new UsageError(`Cannot read the query of SMTP_URL: ${ALLOWED}`);
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? PORTS[isImplicitTls ? "smtps:" : "smtp:"] : Number(url.port),
    isImplicitTls,
    tls,
    verifiesCertificate: verify === "yes",
    login: url.username === "" ? null : { user: decode(url.username), password: decode(url.password) },
  };
}

/** Tells whether a connection that stays in the clear is refused. */
export function insistsOnTls({ tls, login, host }: MailServer): boolean {
  return tls === "required" || tls === "auto" && login !== null && !isLoopback(host);
}

/** The login in the spellings in which it travels, for a redactor: servers may quote what they were told. */
export function listLoginSecrets({ login }: MailServer): readonly string[] {
  if (login === null) return [];
  const { user, password } = login;
  const encode = (text: string) => Buffer.from(text).toString("base64");
  return [password, encode(password), encode(`\0${user}\0${password}`)];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** A stray % is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

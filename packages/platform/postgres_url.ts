import { readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { UsageError } from "@ipcascade/core";

/** Encryption as postgres.js takes it: none, "if the server can", "whoever the server is", or checked certificates. */
export type PostgresTls = false | "prefer" | "require" | {
  readonly rejectUnauthorized: true;
  readonly ca?: string;
  readonly checkServerIdentity: (name: string, certificate: PeerCertificate) => Error | undefined;
};

/** What a `postgres://` URL says. */
export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly tls: PostgresTls;
  /** False with `prepare=false`, for poolers that hand each statement to another connection. */
  readonly canPrepare: boolean;
  readonly connectTimeoutMs: number | null;
  /** Other parameters, which the server gets as they are. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Spellings of the password, to be masked wherever a message may hold them. */
  readonly secrets: readonly string[];
}

const DEFAULT_PORT = 5432;
/** Parameters of libpq that mean nothing to the server and that this client does without. */
const IGNORED = [
  "channel_binding",
  "gssencmode",
  "krbsrvname",
  "sslnegotiation",
  "target_session_attrs",
  "pgbouncer",
];

/** Reads a `postgres://` URL as libpq does. Throws `UsageError`, which never holds a part of the URL's secrets. */
export function readPostgresUrl(text: string): PostgresTarget {
  const url = parseUrl(text);
  const query = new Map(url.searchParams);
  const take = (name: string) => {
    const value = query.get(name);
    query.delete(name);
    return value;
  };
  const host = take("host") ?? (decode(url.hostname).replace(/^\[(.*)\]$/, "$1") || "localhost");
  const password = take("password") ?? decode(url.password);
  const target = {
    host,
    port: Number(take("port") ?? (url.port || DEFAULT_PORT)),
    user: take("user") ?? (decode(url.username) || undefined),
    password: password === "" ? undefined : password,
    database: take("dbname") ?? (decode(url.pathname.slice(1)) || undefined),
    tls: readTls(take("sslmode"), take("sslrootcert"), host),
    canPrepare: take("prepare") !== "false",
    connectTimeoutMs: readSeconds(take("connect_timeout")),
    secrets: [...new Set([password, url.password])].filter((secret) => secret !== ""),
  };
  for (const name of IGNORED) query.delete(name);
  return { ...target, parameters: Object.fromEntries(query) };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol)) return url;
  throw new UsageError(
    "Cannot read the database's address: it is not postgres://USER:PASSWORD@HOST:PORT/NAME",
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readSeconds(text: string | undefined): number | null {
  const seconds = Number(text);
  return text === undefined || !(seconds > 0) ? null : seconds * 1_000;
}

function readTls(mode: string | undefined, rootCertificate: string | undefined, host: string): PostgresTls {
  if (host.startsWith("/")) return false;
  const ca = rootCertificate === undefined || rootCertificate === "system" ? {} : {
    ca: readCertificate(rootCertificate),
  };
  switch (mode ?? defaultMode(rootCertificate, host)) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      return rootCertificate === undefined ? "require" : withoutName(ca);
    case "verify-ca":
      return withoutName(ca);
    case "verify-full":
      // The driver gives TLS no name for a numeric address, and TLS would then check for "localhost".
      return {
        rejectUnauthorized: true,
        ...ca,
        checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
      };
    default:
      throw new UsageError(
        `Cannot read sslmode "${mode}": allowed are disable, allow, prefer, require, verify-ca and verify-full`,
      );
  }
}

/** libpq prefers encryption; on this machine it would cost time and bring nothing. */
function defaultMode(rootCertificate: string | undefined, host: string): string {
  if (rootCertificate === "system") return "verify-full";
  return ["localhost", "127.0.0.1", "::1"].includes(host) ? "disable" : "prefer";
}

function withoutName(ca: { readonly ca?: string }): PostgresTls {
  return { rejectUnauthorized: true, ...ca, checkServerIdentity: () => undefined };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as { code?: string };
    throw new UsageError(`Cannot read the certificate "${path}": ${code}`);
  }
}

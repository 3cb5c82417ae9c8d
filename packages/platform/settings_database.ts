import type { LayerValue, SettingLayer } from "./settings_layer.ts";
import { accept, type Reading, refuse } from "./settings_reading.ts";

const USER = String.raw`(?:[^@/?#\s]*@)?`;
const HOST = String.raw`[^@/?#\s]+`;
const POSTGRES_URL = new RegExp(String.raw`^postgres(?:ql)?:\/\/${USER}${HOST}(?:\/[^#\s]*|\?[^#\s]*)?$`);

/** Reads a `DATABASE_URL`. */
export function readDatabaseUrl(text: string): Reading<string> {
  if (POSTGRES_URL.test(text)) return accept(text);
  return refuse("postgres://USER:PASSWORD@HOST:PORT/NAME, in the password @ / ? # as %40 %2F %3F %23");
}

/** Finds a secret in a layer: `NAME_FILE` before `NAME`. Null when neither is there. */
export type FindSecret = (name: string) => LayerValue | null;

interface Parts {
  readonly host: string;
  readonly port: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
  readonly name: string;
  readonly sslmode: string | undefined;
}

/** What composing found: a URL, a sentence about what is missing, or nothing at all. */
export type ComposedUrl =
  | { readonly kind: "url"; readonly value: LayerValue }
  | { readonly kind: "problem"; readonly message: string }
  | { readonly kind: "none" };

/**
 * Composes a `DATABASE_URL` from the runbook's `DB_HOST DB_USER DB_NAME` (with `DB_PORT`, `DB_PASSWORD`), else from
 * libpq's `PGHOST PGUSER PGDATABASE` (with `PGPORT`, `PGPASSWORD`, `PGSSLMODE`), all from one layer. libpq's user
 * defaults to the login name and its database to the user.
 */
export function composeDatabaseUrl(layer: SettingLayer, findSecret: FindSecret): ComposedUrl {
  const find = (name: string) => layer.find(name)?.text;
  const runbook = ["DB_HOST", "DB_USER", "DB_NAME"];
  const missing = runbook.filter((name) => find(name) === undefined);
  if (missing.length === 0) {
    return compose(layer.find("DB_HOST")!, {
      host: find("DB_HOST")!,
      port: find("DB_PORT") ?? find("PGPORT"),
      user: find("DB_USER")!,
      // The runbook hands these names to psql, which takes the rest from libpq's.
      password: (findSecret("DB_PASSWORD") ?? findSecret("PGPASSWORD"))?.text,
      name: find("DB_NAME")!,
      sslmode: find("PGSSLMODE"),
    });
  }
  // Half a set would silently put the data into the embedded database.
  if (missing.length < runbook.length) {
    const given = runbook.filter((name) => !missing.includes(name)).join(" and ");
    return {
      kind: "problem",
      message: `Cannot use ${given} (${placeOf(layer, runbook)}): ${missing.join(" and ")} not set`,
    };
  }
  const host = find("PGHOST");
  if (host === undefined) return { kind: "none" };
  const user = find("PGUSER") ?? find("USER") ?? find("LOGNAME");
  if (user === undefined) {
    return {
      kind: "problem",
      message: `Cannot use PGHOST (${placeOf(layer, ["PGHOST"])}): PGUSER is not set`,
    };
  }
  return compose(layer.find("PGHOST")!, {
    host,
    port: find("PGPORT"),
    user,
    password: findSecret("PGPASSWORD")?.text,
    name: find("PGDATABASE") ?? user,
    sslmode: find("PGSSLMODE"),
  });
}

function placeOf(layer: SettingLayer, names: readonly string[]): string {
  return names.map((name) => layer.find(name)?.place).find((place) => place !== undefined) ?? layer.source;
}

function compose(origin: LayerValue, parts: Parts): ComposedUrl {
  const { port, host } = parts;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    const message = `Cannot read the port beside ${origin.label} (${origin.place}): allowed is 1 to 65535`;
    return { kind: "problem", message };
  }
  const password = parts.password === undefined ? "" : `:${encodeURIComponent(parts.password)}`;
  const query = parts.sslmode === undefined ? "" : `?sslmode=${encodeURIComponent(parts.sslmode)}`;
  // A host with a slash is the directory of a Unix socket; percent-encoded it fits into a URL, as libpq has it.
  const authority = host.includes(":") && !host.startsWith("[") ? `[${host}]` : encodeHost(host);
  const text = `postgres://${encodeURIComponent(parts.user)}${password}@${authority}${
    port === undefined ? "" : `:${port}`
  }/${encodeURIComponent(parts.name)}${query}`;
  return { kind: "url", value: { ...origin, text } };
}

function encodeHost(host: string): string {
  return host.startsWith("[") ? host : encodeURIComponent(host);
}

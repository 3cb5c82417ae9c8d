import { MS_PER_SECOND, UsageError } from "@ipcascade/core";
import type { Settings } from "@ipcascade/platform";
import { isLoopback } from "./loopback.ts";
import { type ApiPolicy, DEFAULT_POLICY, type KnownToken, type RateLimit } from "./policy.ts";

/** 16 hexadecimal digits are 64 bits, too many to try at 20 in a second. */
const MIN_TOKEN_LENGTH = 16;

/** The settings that a policy is read from. */
export type PolicySettings = Pick<
  Settings,
  | "host"
  | "apiTokens"
  | "apiRateLimit"
  | "apiTrustedProxies"
  | "apiRequestTimeoutMs"
  | "apiConcurrency"
  | "apiAccessLog"
>;

/** What the settings say about who may do what. Throws `UsageError` where they leave the door open. */
export async function readPolicy(settings: PolicySettings): Promise<ApiPolicy> {
  const { apiTokens } = settings;
  const host = findListenHost(settings);
  if (apiTokens.length === 0 && !isLoopback(host)) {
    throw new UsageError(
      `Cannot listen on "${host}" without tokens: set IPCASCADE_API_TOKENS, or HOST to 127.0.0.1`,
    );
  }
  return {
    tokens: await Promise.all(apiTokens.map(hashToken)),
    rateLimit: readRateLimit(settings.apiRateLimit),
    trustedProxies: settings.apiTrustedProxies,
    requestTimeoutMs: settings.apiRequestTimeoutMs,
    concurrency: settings.apiConcurrency,
    accessLog: settings.apiAccessLog,
  };
}

/** Where to listen. `localhost` is 127.0.0.1, whatever a resolver or a hosts file make of it. */
export function findListenHost({ host }: Pick<Settings, "host">): string {
  return /^localhost\.?$/i.test(host) ? "127.0.0.1" : host;
}

function readRateLimit(limit: PolicySettings["apiRateLimit"]): RateLimit | null {
  if (limit === null) return DEFAULT_POLICY.rateLimit;
  if (limit === "off") return null;
  // What comes in a second may come at once, ten in any case, as a page asks for several things.
  const perSecond = Math.ceil(limit.count * MS_PER_SECOND / limit.perMs);
  return { ...limit, burst: Math.min(limit.count, Math.max(perSecond, 10)), exemptsLoopback: false };
}

type TokenEntry = Settings["apiTokens"][number];

/** Of a token that is known by its digest alone nobody can tell. */
function isShort(entry: TokenEntry): boolean {
  return "token" in entry && entry.token.length < MIN_TOKEN_LENGTH;
}

async function hashToken(entry: TokenEntry): Promise<KnownToken> {
  if ("sha256" in entry) return { scope: entry.scope, sha256: entry.sha256 };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(entry.token));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  const known = { scope: entry.scope, sha256: hex.join("") };
  return isShort(entry) ? { ...known, isShort: true } : known;
}

import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, parseTarget } from "@ipcascade/core";
import { accept, type Reading, refuse } from "./settings_reading.ts";

/** One bearer token of the API, as itself or as its SHA-256 (64 lower-case hexadecimal digits); `operate` includes `read`. */
export type ApiToken =
  | { readonly scope: "read" | "operate"; readonly token: string }
  | { readonly scope: "read" | "operate"; readonly sha256: string };

/** So many requests in so much time. */
export interface ApiRateLimit {
  readonly count: number;
  /** A second, a minute or an hour. */
  readonly perMs: number;
}

/** What the API writes a line about. */
export type ApiAccessLog = "problems" | "all" | "off";

/** All of them. */
export const ACCESS_LOGS: readonly ApiAccessLog[] = ["problems", "all", "off"];

/** Reads `read:TOKEN,operate:sha256:HEX`. The refusal tells the entry by its place, never by its text. */
export function readApiTokens(text: string): Reading<readonly ApiToken[]> {
  const tokens: ApiToken[] = [];
  const items = text.split(",").map((item) => item.trim());
  for (const [i, item] of items.entries()) {
    const token = readApiToken(item);
    if (token === null) {
      return refuse(
        "read:TOKEN or operate:TOKEN, several with commas, of A-Z a-z 0-9 . _ ~ + / -, " +
          `or sha256: and 64 hexadecimal digits in a token's place; entry ${i + 1} is not`,
      );
    }
    tokens.push(token);
  }
  return accept(tokens);
}

function readApiToken(item: string): ApiToken | null {
  // The characters that a bearer token may have (RFC 6750).
  const match = /^(read|operate):(?:sha256:([0-9a-fA-F]{64})|([A-Za-z0-9._~+/-]+=*))$/.exec(item);
  if (match === null) return null;
  const scope = match[1] === "read" ? "read" : "operate";
  return match[2] === undefined ? { scope, token: match[3]! } : { scope, sha256: match[2].toLowerCase() };
}

/** Writes a token in the grammar that it is read in. */
export function formatApiToken(token: ApiToken): string {
  return "token" in token ? `${token.scope}:${token.token}` : `${token.scope}:sha256:${token.sha256}`;
}

const RATE_UNITS: Readonly<Record<string, number>> = {
  s: MS_PER_SECOND,
  min: MS_PER_MINUTE,
  hour: MS_PER_HOUR,
};

/** Reads `100/s`, `600/min` or `5000/hour`; `off` is no limit. */
export function readRateLimit(text: string): Reading<ApiRateLimit | "off"> {
  if (text.toLowerCase() === "off") return accept("off");
  const match = /^([1-9]\d{0,8})\/(s|min|hour)$/.exec(text);
  if (match === null) return refuse("N/s, N/min or N/hour, such as 100/s, or off");
  return accept({ count: Number(match[1]), perMs: RATE_UNITS[match[2]!]! });
}

/** Writes a limit in the grammar that it is read in; null, which is the limit of who sets none, is empty. */
export function formatRateLimit(limit: ApiRateLimit | "off" | null): string {
  if (limit === null || limit === "off") return limit ?? "";
  const unit = Object.keys(RATE_UNITS).find((name) => RATE_UNITS[name] === limit.perMs);
  return `${limit.count}/${unit}`;
}

/** Who stands before a server stands on few machines. */
const MAX_PROXIES = 64;

/** Reads addresses and CIDR blocks with spaces or commas between them. */
export function readTrustedProxies(text: string): Reading<readonly string[]> {
  const blocks = text.split(/[\s,]+/).filter((part) => part !== "");
  const isFine = (block: string) => !block.includes("-") && parseTarget(block) !== null;
  if (blocks.length <= MAX_PROXIES && blocks.every(isFine)) return accept(blocks);
  return refuse(`up to ${MAX_PROXIES} addresses or CIDR blocks with spaces between, such as 10.0.0.0/8`);
}

import type { Clock } from "@ipcascade/core";
import type { Fetch } from "../fetch.ts";

/** How long a provider is waited for, in milliseconds. */
export interface DeliveryTimeouts {
  /** Without any byte; 30 seconds by default. */
  readonly idleMs: number;
  /** For one request that costs no download; one minute by default. */
  readonly findMs: number;
  /** For a whole download; 30 minutes by default. */
  readonly downloadMs: number;
}

/** What every provider that is asked over HTTP needs. */
export interface HttpProviderDeps {
  /** Follows no redirect by itself when told `redirect: "manual"`. */
  readonly fetch: Fetch;
  /** Measures the timeouts, and tells the day. */
  readonly clock: Clock;
  readonly timeouts?: Partial<DeliveryTimeouts>;
  /** Sent with each request; `ipcascade` by default. */
  readonly userAgent?: string;
}

/** A server, and what it may be told. */
export interface HttpPeer {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly timeouts: DeliveryTimeouts;
  readonly userAgent: string;
  /** Address without credentials, query and trailing slashes. */
  readonly base: string;
  /** What the address had behind a question mark, that included; empty without. */
  readonly query: string;
  /** Header for this server's origin alone. */
  readonly authorization: string | null;
  /** Texts that no message may repeat. */
  readonly secrets: readonly string[];
}

/** A name and a password, as Basic authentication sends them. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What is waited for where nothing else is said. */
export const DEFAULT_TIMEOUTS: DeliveryTimeouts = { idleMs: 30_000, findMs: 60_000, downloadMs: 30 * 60_000 };

/**
 * Prepares requests to a server. Credentials come from the address, `user:password@`, unless they are passed in.
 * Throws `TypeError` when the address is no URL of http or https; the message does not hold it.
 */
export function createHttpPeer(deps: HttpProviderDeps, address: string, credentials?: Credentials): HttpPeer {
  if (!URL.canParse(address)) throw new TypeError("Cannot use the address of the provider: it is no URL");
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol)) {
    throw new TypeError("Cannot use the address of the provider: it is no URL of http");
  }
  const known = credentials ?? readCredentials(url);
  return {
    fetch: deps.fetch,
    clock: deps.clock,
    timeouts: { ...DEFAULT_TIMEOUTS, ...deps.timeouts },
    userAgent: deps.userAgent ?? "ipcascade",
    base: `${url.origin}${url.pathname}`.replace(/\/+$/, ""),
    query: url.search,
    authorization: known === null ? null : `Basic ${encodeBase64(`${known.user}:${known.password}`)}`,
    secrets: [...(known === null ? [] : listSpellings(known)), url.search.slice(1)],
  };
}

function readCredentials({ username, password }: URL): Credentials | null {
  if (username === "" && password === "") return null;
  return { user: decodePercent(username), password: decodePercent(password) };
}

/** A name of its own is not secret, but account ids are told to nobody either. */
function listSpellings({ user, password }: Credentials): readonly string[] {
  const pair = encodeBase64(`${user}:${password}`);
  const texts = [pair, password, encodeURIComponent(password), encodeBase64(password), user];
  return texts.filter((text) => text !== "");
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encodeBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

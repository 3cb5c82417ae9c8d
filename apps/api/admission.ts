import { changesState, findAccess, isProbe } from "./access.ts";
import type { Client } from "./client_address.ts";
import { createIdentities, CROSS_SITE, type Identity } from "./identity.ts";
import { hostOf, isSaidForeign, namesLoopback, readOrigin } from "./origin.ts";
import type { ApiPolicy } from "./policy.ts";
import type { Problem } from "./problem.ts";
import { retryAfter } from "./retry_after.ts";
import { createTokenBuckets } from "./token_bucket.ts";
import type { Traffic } from "./traffic.ts";

/** What is asked and by whom. */
export interface Asked {
  readonly request: Request;
  readonly path: string;
  readonly client: Client;
}

/** Who asks, or why nothing is answered. */
export type Admitted = Identity | Problem | Promise<Identity | Problem>;

/** Lets requests in, or says why not. */
export interface Admission {
  admit(asked: Asked): Admitted;
  /** Told of an answer to who logs in: what did not refuse a token was no wrong try. */
  triedLogin(client: Client, status: number): void;
}

/** Longest URL, with scheme and host (RFC 9110 asks for 8000 at least). */
const MAX_URL = 8_192;

const ANYBODY: Identity = { scope: "operate", label: null };
const VISITOR: Identity = { scope: "read", label: null };

const LONG_URL: Problem = {
  status: 414,
  code: "URL_TOO_LONG",
  detail: `Cannot take the URL: it has more than ${MAX_URL} characters`,
};
const BAD_HOST: Problem = {
  status: 400,
  code: "BAD_USAGE",
  detail: "Cannot read the Host header: it names no host",
};
const FOREIGN_HOST: Problem = {
  status: 421,
  code: "FOREIGN_HOST",
  detail: "Without tokens this server answers under the names of the machine itself only, such as 127.0.0.1",
};
/** The problem of a request for which there is no place. */
export const BUSY: Problem = {
  status: 503,
  code: "BUSY",
  detail: "The server works on as many requests as it may",
  retryAfterS: 1,
};
/** The problem of a request that comes too late. */
export const ENDING: Problem = {
  status: 503,
  code: "SERVER_ENDING",
  detail: "The server ends and takes no more requests",
  retryAfterS: 5,
  headers: { connection: "close" },
};
const NEEDS_OPERATE: Problem = {
  status: 403,
  code: "SCOPE_TOO_SMALL",
  detail: 'The token may look only; this needs one with the scope "operate"',
  headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="operate"' },
};

/** Tells a problem from who asks. */
export function isProblem(admitted: Identity | Problem): admitted is Problem {
  return "status" in admitted;
}

/** Makes the admission of a policy. */
export function createAdmission(policy: ApiPolicy, traffic: Traffic, elapsed: () => number): Admission {
  const isOpen = policy.tokens.length === 0;
  const identities = createIdentities(policy, elapsed);
  const checkRate = createRateCheck(policy, elapsed);
  const checkHost = createHostCheck(isOpen);
  const settle = (found: Identity | Problem, { client, request, path }: Asked): Identity | Problem => {
    if (isProblem(found)) return found;
    if (findAccess(request.method, path) === "operate" && found.scope !== "operate") return NEEDS_OPERATE;
    return (found.label === null ? null : checkRate(found.label, client)) ?? found;
  };
  const refuse = ({ request, path, client }: Asked): Problem | null => {
    if (request.url.length > MAX_URL) return LONG_URL;
    const misled = checkHost(request.url);
    if (misled !== null) return misled;
    if (isProbe(path)) return null;
    const limited = checkRate(client.key, client);
    if (limited !== null) return limited;
    return traffic.isDraining ? ENDING : traffic.size >= policy.concurrency ? BUSY : null;
  };
  const visit = ({ request, path, client }: Asked): Identity | Problem => {
    if (!changesState(request.method)) return VISITOR;
    if (isForeign(request)) return CROSS_SITE;
    // Logging in: what it tries is a token too.
    return path === "/login" ? identities.takeTry(client) ?? VISITOR : VISITOR;
  };
  return {
    admit: (asked) => {
      const refused = refuse(asked);
      if (refused !== null) return refused;
      if (isOpen) return mayOpen(asked) ? ANYBODY : CROSS_SITE;
      if (findAccess(asked.request.method, asked.path) === "open") return visit(asked);
      const found = identities.find(asked.request, asked.client);
      return found instanceof Promise ? found.then((each) => settle(each, asked)) : settle(found, asked);
    },
    triedLogin: (client, status) => {
      if (!isOpen && status !== 401) identities.giveBackTry(client);
    },
  };
}

/** Without tokens a page of somebody else must neither change anything nor spend a provider's quota. */
function mayOpen({ request, path }: Asked): boolean {
  const { method, headers, url } = request;
  if (changesState(method)) return !isForeign(request);
  if (!isSaidForeign(headers)) return true;
  // A link may lead to what everybody sees and to the dashboard, which asks the sources only about a query.
  return findAccess(method, path) === "open" || (path === "/" && !url.includes("?"));
}

function isForeign({ headers, url }: Request): boolean {
  return readOrigin(headers, hostOf(url)) === "foreign";
}

/** Why a URL's host is none to answer under; the last one that passed is not read again. */
function createHostCheck(isOpen: boolean): (url: string) => Problem | null {
  let known = "?";
  return (url) => {
    if (url.startsWith(known)) return null;
    const host = hostOf(url);
    const start = url.slice(0, url.indexOf("://") + 3) + host + "/";
    if (!URL.canParse(start) || new URL(start).username !== "") return BAD_HOST;
    if (isOpen && !namesLoopback(host)) return FOREIGN_HOST;
    known = start;
    return null;
  };
}

function createRateCheck({ rateLimit }: ApiPolicy, elapsed: () => number) {
  if (rateLimit === null) return () => null;
  const buckets = createTokenBuckets(rateLimit);
  return (key: string | null, client: Client): Problem | null => {
    if (key === null || client.isLoopback && rateLimit.exemptsLoopback) return null;
    const waitMs = buckets.take(key, elapsed());
    if (waitMs === 0) return null;
    const detail = `Only ${rateLimit.count} requests in ${rateLimit.perMs / 1000} s are answered`;
    return { status: 429, code: "RATE_LIMITED", detail, retryAfterS: retryAfter(waitMs) };
  };
}

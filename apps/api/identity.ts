import { changesState } from "./access.ts";
import type { Client } from "./client_address.ts";
import { readCredentials } from "./credentials.ts";
import { hostOf, readOrigin } from "./origin.ts";
import type { ApiPolicy, ApiScope } from "./policy.ts";
import type { Problem } from "./problem.ts";
import { retryAfter } from "./retry_after.ts";
import { createTokenBuckets } from "./token_bucket.ts";
import { createTokenVerifier, type VerifiedToken } from "./token_verifier.ts";

/** Who asks and what they may do. */
export interface Identity {
  readonly scope: ApiScope;
  /** `operate token 1`; null without a token. */
  readonly label: string | null;
}

/** Finds out who asks. */
export interface Identities {
  /** The bearer of a request's token, or why there is none. */
  find(request: Request, client: Client): Identity | Problem | Promise<Identity | Problem>;
  /** Counts a try of a client, or says why it may not try another token now. */
  takeTry(client: Client): Problem | null;
  /** Takes a try back: it was the right token, or none at all. */
  giveBackTry(client: Client): void;
}

/** Wrong tokens that one address may send: enough for somebody's typing, few for guessing. */
const TRIES = { count: 1, perMs: 1_000, burst: 20 };

const CHALLENGE = { "www-authenticate": "Bearer" };

/** The problem of who shows no token. */
export const NO_TOKEN: Problem = {
  status: 401,
  code: "TOKEN_MISSING",
  detail: "This needs a token: send Authorization: Bearer TOKEN",
  headers: CHALLENGE,
};

const MALFORMED: Problem = {
  status: 401,
  code: "TOKEN_MALFORMED",
  detail: "Cannot read the Authorization header: allowed is Bearer TOKEN",
  headers: { "www-authenticate": 'Bearer error="invalid_request"' },
};

const UNKNOWN_TOKEN: Problem = {
  status: 401,
  code: "TOKEN_UNKNOWN",
  detail: "The token is none of those that are set",
  headers: { "www-authenticate": 'Bearer error="invalid_token"' },
};

/** The problem of a request that a page of somebody else makes a browser send. */
export const CROSS_SITE: Problem = {
  status: 403,
  code: "CROSS_SITE",
  detail: "A page of another site may not ask for this",
};

/** Makes what tells bearers of the policy's tokens from others; `elapsed` is a clock that never goes back, in ms. */
export function createIdentities({ tokens }: ApiPolicy, elapsed: () => number): Identities {
  const verifier = createTokenVerifier(tokens);
  const tries = createTokenBuckets(TRIES);
  const keyOf = ({ key }: Client) => key ?? "";
  const takeTry = (client: Client): Problem | null => {
    const waitMs = tries.take(keyOf(client), elapsed());
    if (waitMs === 0) return null;
    const detail = "Too many wrong tokens came from this address";
    return { status: 429, code: "TOO_MANY_TRIES", detail, retryAfterS: retryAfter(waitMs) };
  };
  const giveBackTry = (client: Client) => tries.giveBack(keyOf(client));
  const verify = async (token: string, client: Client): Promise<VerifiedToken | Problem> => {
    // Counted before the answer is known, so that many at once are no way around it.
    const refused = takeTry(client);
    if (refused !== null) return refused;
    const verified = await verifier.verify(token);
    if (verified !== null) giveBackTry(client);
    return verified ?? UNKNOWN_TOKEN;
  };
  return {
    takeTry,
    giveBackTry,
    find: (request, client) => {
      const credentials = readCredentials(request.headers);
      if (credentials.kind === "none") return NO_TOKEN;
      if (credentials.kind === "malformed") return MALFORMED;
      if (credentials.kind === "cookie") {
        const origin = readOrigin(request.headers, hostOf(request.url));
        if (origin === "foreign") return changesState(request.method) ? CROSS_SITE : NO_TOKEN;
        if (origin === "unsaid" && changesState(request.method)) return CROSS_SITE;
      }
      return verifier.recall(credentials.token) ?? verify(credentials.token, client);
    },
  };
}

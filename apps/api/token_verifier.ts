import type { KnownToken } from "./policy.ts";

/** A token of the policy, as records and logs name it. */
export interface VerifiedToken extends KnownToken {
  /** Its place in the setting: `operate token 1`. */
  readonly label: string;
}

/** Tells tokens of the policy from others. */
export interface TokenVerifier {
  /** A token that was verified before; null for others, known or not. */
  recall(token: string): VerifiedToken | null;
  /** Compares the token's digest with every known one; null when it is none of them. */
  verify(token: string): Promise<VerifiedToken | null>;
}

/** Longer ones are no token: nothing is computed for them. */
const MAX_TOKEN_LENGTH = 4096;

/** Makes a verifier for the tokens of a policy. */
export function createTokenVerifier(tokens: readonly KnownToken[]): TokenVerifier {
  const known = tokens.map((token, i) => ({
    ...token,
    label: `${token.scope} token ${i + 1}`,
    digest: readHex(token.sha256),
  }));
  // Holds verified tokens alone, so never more than there are. A map finds by seeded hash: how long it takes tells
  // nothing of how much of a token was guessed.
  const remembered = new Map<string, VerifiedToken>();
  return {
    recall: (token) => remembered.get(token) ?? null,
    verify: async (token) => {
      if (token.length === 0 || token.length > MAX_TOKEN_LENGTH) return null;
      const bytes = new TextEncoder().encode(token);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      // All are compared, and each to its end.
      const found = known.filter((each) => isSame(each.digest, digest));
      // One token listed twice may do what either may.
      const best = found.find(({ scope }) => scope === "operate") ?? found[0];
      if (best === undefined) return null;
      remembered.set(token, best);
      return best;
    },
  };
}

function readHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a[i] ?? 0) ^ b[i]!;
  return difference === 0;
}

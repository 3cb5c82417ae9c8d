import { readTokenCookie } from "./token_cookie.ts";

/** What a request shows of its caller. */
export type Credentials =
  | { readonly kind: "none" }
  /** An Authorization header that can't be read. */
  | { readonly kind: "malformed" }
  | { readonly kind: "bearer" | "cookie"; readonly token: string };

const NONE: Credentials = { kind: "none" };
const MALFORMED: Credentials = { kind: "malformed" };

/** Reads the token of a request: the Authorization header's, else the cookie's. */
export function readCredentials(headers: Headers): Credentials {
  const authorization = headers.get("authorization");
  if (authorization !== null) return readAuthorization(authorization);
  const cookies = headers.get("cookie");
  const token = cookies === null ? null : readTokenCookie(cookies);
  return token === null ? NONE : { kind: "cookie", token };
}

function readAuthorization(text: string): Credentials {
  const space = text.indexOf(" ");
  if (space < 0 || text.slice(0, space).toLowerCase() !== "bearer") return MALFORMED;
  const token = text.slice(space + 1).trim();
  return token === "" || token.includes(" ") || token.includes(",") ? MALFORMED : { kind: "bearer", token };
}

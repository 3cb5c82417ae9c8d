import { MS_PER_HOUR, MS_PER_SECOND } from "@ipcascade/core";

/** Where a browser keeps the token of somebody who signed in. */
export const TOKEN_COOKIE = "ipcascade_token";

const SECURE_PREFIX = "__Host-";
const MAX_AGE_S = (12 * MS_PER_HOUR) / MS_PER_SECOND;

/** The token that a browser sends; null where it sends none. Takes the `Cookie` header. */
export function readTokenCookie(header: string | null): string | null {
  if (header === null) return null;
  const pairs = header.split(";").map((pair) => pair.trim());
  for (const name of [SECURE_PREFIX + TOKEN_COOKIE, TOKEN_COOKIE]) {
    const found = pairs.find((pair) => pair.startsWith(`${name}=`));
    if (found !== undefined) return decode(found.slice(name.length + 1));
  }
  return null;
}

/** The `Set-Cookie` header that keeps a token for half a day; over https for no other host and no plain request. */
export function writeTokenCookie(token: string, isSecure: boolean): string {
  return compose(encodeURIComponent(token), MAX_AGE_S, isSecure);
}

/** The `Set-Cookie` header that forgets it. */
export function clearTokenCookie(isSecure: boolean): string {
  return compose("", 0, isSecure);
}

function compose(value: string, maxAgeS: number, isSecure: boolean): string {
  const name = isSecure ? SECURE_PREFIX + TOKEN_COOKIE : TOKEN_COOKIE;
  const secure = isSecure ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}

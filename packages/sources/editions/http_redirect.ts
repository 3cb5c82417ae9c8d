import type { Refuse } from "./delivery.ts";

/** geoipupdate's client follows ten; providers use one. */
export const MAX_REDIRECTS = 5;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Finds out where an answer leads; null when it is no redirect. Throws when it leads where a download must not go:
 * from https to http, to another scheme, or to an address with credentials. Addresses carry signatures: none is told.
 */
export function readRedirect(response: Response, from: URL, refuse: Refuse): URL | null {
  if (!REDIRECTS.has(response.status)) return null;
  const location = response.headers.get("location");
  if (location === null) throw refuse("protocol", "the server redirects without saying where to");
  if (!URL.canParse(location, from.href)) throw refuse("protocol", "the server redirects to what is no URL");
  const url = new URL(location, from.href);
  if (!/^https?:$/.test(url.protocol)) {
    throw refuse("protocol", "the server redirects to something else than http or https");
  }
  if (from.protocol === "https:" && url.protocol === "http:") {
    throw refuse("protocol", "the server redirects from https to http");
  }
  if (url.username !== "" || url.password !== "") {
    throw refuse("protocol", "the server redirects to an address with credentials");
  }
  return url;
}

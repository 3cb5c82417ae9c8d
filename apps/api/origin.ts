/** Where a request of a browser comes from, seen from the server's own address. */
export type RequestOrigin =
  /** A page of this server, or the person at the browser. */
  | "own"
  /** A page of somebody else. */
  | "foreign"
  /** No browser of today: it says nothing of an origin. */
  | "unsaid";

/** Reads where a request comes from; `host` is the server's, as in the request's URL. */
export function readOrigin(headers: Headers, host: string): RequestOrigin {
  // `none` is the person's own doing: typed, or a bookmark.
  if (headers.has("sec-fetch-site")) return isSaidForeign(headers) ? "foreign" : "own";
  const origin = headers.get("origin");
  if (origin === null) return "unsaid";
  // A proxy may end https, so the scheme is not compared.
  const scheme = origin.indexOf("://");
  return scheme > 0 && origin.slice(scheme + 3).toLowerCase() === host.toLowerCase() ? "own" : "foreign";
}

/** True when a browser says that a page of another site makes it send this; costs one look. */
export function isSaidForeign(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}

/** The host, with its port, of an http URL. */
export function hostOf(url: string): string {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  return slash < 0 ? url.slice(start) : url.slice(start, slash);
}

/** True when a host, as a Host header has it, names this machine: its name can't be turned to it from outside. */
export function namesLoopback(host: string): boolean {
  const name = host.replace(/:\d*$/, "").toLowerCase();
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

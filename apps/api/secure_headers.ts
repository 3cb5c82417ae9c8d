/** An answer to a program loads nothing and is shown in no frame. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Pages load what this server has, and nothing that stands in the page itself. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What pages say besides. */
const PAGES: readonly (readonly [string, string])[] = [
  ["referrer-policy", "same-origin"],
  ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
  ["x-frame-options", "DENY"],
];

/** Keeps pages of others from a handle on ours. Browsers take it over https and from the machine itself. */
export const OPENER_POLICY: readonly [name: string, value: string] = [
  "cross-origin-opener-policy",
  "same-origin",
];

/** Two years, as preload lists ask. */
const STRICT_TRANSPORT = "max-age=63072000";

/** What an answer is to a browser. */
export type AnswerKind = "page" | "data" | "record";

/** What an answer to a path is. */
export function kindOfAnswer(path: string): AnswerKind {
  if (!path.startsWith("/v1/")) return "page";
  return path.startsWith("/v1/ips/") ? "record" : "data";
}

/** What the headers depend on. */
export interface SecureHeaderOptions {
  readonly requestId: string;
  /** Pages are what is not under `/v1/`: with their files and the reference. A record is one address's answer. */
  readonly kind: AnswerKind;
  readonly isHttps: boolean;
}

/** Adds to an answer what keeps browsers from doing harm with it. A handler's own word on caching and policy stands. */
export function addSecureHeaders(headers: Headers, options: SecureHeaderOptions): void {
  headers.set("x-request-id", options.requestId);
  headers.set("x-content-type-options", "nosniff");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  // A record is JSON that nothing sniffs, and the guard answers no other site: each header more would cost the
  // busiest route a twentieth of its rate.
  if (options.kind !== "record") {
    headers.set("cross-origin-resource-policy", "same-origin");
    if (options.kind === "page") addPageHeaders(headers, options.isHttps);
    else headers.set("content-security-policy", DATA_POLICY);
  }
  if (options.isHttps) headers.set("strict-transport-security", STRICT_TRANSPORT);
}

function addPageHeaders(headers: Headers, isHttps: boolean): void {
  if (!headers.has("content-security-policy")) headers.set("content-security-policy", PAGE_POLICY);
  for (const [name, value] of PAGES) headers.set(name, value);
  // Over plain http browsers ignore it, and complain about it at each page.
  if (isHttps) headers.set(...OPENER_POLICY);
}

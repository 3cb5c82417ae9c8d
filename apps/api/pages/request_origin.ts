import type { Context } from "hono";
import type { ApiEnv } from "../api_deps.ts";
import { hostOf, readOrigin } from "../origin.ts";

/**
 * Tells whether a form was sent by a page of this server, so that no other site presses buttons here. Browsers name
 * the origin of every form; what names none is no browser, and carries nobody's rights along.
 */
export function isOwnForm(c: Context<ApiEnv>): boolean {
  return readOrigin(c.req.raw.headers, hostOf(c.req.url)) !== "foreign";
}

/**
 * Tells whether the browser speaks https, to this server or to the proxy before it. Who makes that up gets a cookie
 * that their own browser won't send.
 */
export function isSecure(c: Context<ApiEnv>): boolean {
  return c.req.url.startsWith("https:") || c.req.header("x-forwarded-proto") === "https";
}

/** A path of this server to go on to; `/` for anything else, so that no link leads elsewhere after signing in. */
export function readLocalPath(next: unknown): string {
  if (typeof next !== "string" || !/^\/(?![/\\])[\x21-\x7E]*$/.test(next)) return "/";
  const url = new URL(next, "http://here.invalid");
  return url.host === "here.invalid" && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}

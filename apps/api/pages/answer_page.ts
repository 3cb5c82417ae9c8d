import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { cleanCell } from "@ipcascade/render";
import type { ApiEnv } from "../api_deps.ts";
import { hostOf, namesLoopback } from "../origin.ts";
import { OPENER_POLICY } from "../secure_headers.ts";

/** Nothing inline, nothing from elsewhere. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Markup that renders itself, such as an element of hono/jsx. */
export type Markup = { toString(): string | Promise<string> };

/** Answers with a whole page. */
export function answerPage(
  c: Context<ApiEnv>,
  page: Markup,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  return answerHtml(c, `<!doctype html>`, page, status);
}

/** Answers with a part of a page, for its script. */
export function answerFragment(c: Context<ApiEnv>, fragment: Markup): Promise<Response> {
  return answerHtml(c, "", fragment, 200);
}

async function answerHtml(
  c: Context<ApiEnv>,
  start: string,
  markup: Markup,
  status: ContentfulStatusCode,
): Promise<Response> {
  // Elements escape what they show; what hides or reverses text is left, wherever it came from.
  const html = (await markup.toString()).split("\n").map(cleanCell).join("\n");
  return c.body(start + html, status, {
    ...namesLoopback(hostOf(c.req.url)) ? Object.fromEntries([OPENER_POLICY]) : {},
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": PAGE_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
  });
}

import { type Clock, MS_PER_SECOND } from "@ipcascade/core";
import type { IpAnswer } from "./answer_memory.ts";
import { namesTag } from "./entity_tag.ts";

/** How long others may keep an answer at most, in seconds: editions change now and then. */
export const MAX_AGE_S = 300;

/**
 * Makes the response of an answer, with the headers `more` besides: 304 without a body where the request's
 * `If-None-Match` names what is known. Made directly, for a context of the router would copy all headers.
 */
export function sendAnswer(
  { body, etag, staleAt }: IpAnswer,
  requestHeaders: Headers,
  clock: Clock,
  more: readonly [string, string][] = [],
): Response {
  const leftS = Math.floor((staleAt - clock.now()) / MS_PER_SECOND);
  const maxAgeS = Math.max(0, Math.min(leftS, MAX_AGE_S));
  const headers: [string, string][] = [
    ["etag", etag],
    ["cache-control", `private, max-age=${maxAgeS}`],
    ...more,
  ];
  const condition = requestHeaders.get("if-none-match");
  if (condition !== null && namesTag(condition, etag)) return new Response(null, { status: 304, headers });
  headers.push(["content-type", "application/json"]);
  return new Response(body, { headers });
}

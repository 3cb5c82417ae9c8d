import { type Clock, MS_PER_SECOND } from "@ipcascade/core";
import type { IpAnswer } from "./answer_memory.ts";
import { namesTag } from "./entity_tag.ts";

/** How long others may keep an answer at most, in seconds: editions change now and then. */
export const MAX_AGE_S = 300;

const IS_JSON = { headers: { "content-type": "application/json" } };

/**
 * Makes the response of an answer: 304 without a body where `condition`, the request's `If-None-Match`, names what is
 * known. Made directly, for a context of the router would copy all headers.
 */
export function sendAnswer(
  { body, etag, staleAt }: IpAnswer,
  condition: string | null,
  clock: Clock,
): Response {
  const leftS = Math.floor((staleAt - clock.now()) / MS_PER_SECOND);
  const maxAgeS = Math.max(0, Math.min(leftS, MAX_AGE_S));
  const isKnown = condition !== null && namesTag(condition, etag);
  const response = isKnown ? new Response(null, { status: 304 }) : new Response(body, IS_JSON);
  // Deno prepares a response with several headers at once in a dearer way than one that gets them later.
  const { headers } = response;
  headers.set("etag", etag);
  headers.set("cache-control", `private, max-age=${maxAgeS}`);
  return response;
}

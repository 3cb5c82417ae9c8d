import type { DeliveryFailure, EditionDeliveryError } from "@ipcascade/core";
import { cleanText } from "../clean_text.ts";
import { readRetryAfter } from "../retry_after.ts";
import { redact } from "./redact.ts";
import type { HttpAnswer, HttpInquiry } from "./http_exchange.ts";
import type { HttpPeer } from "./http_peer.ts";

/** What is read of an error's body. */
const MAX_EXCERPT_BYTES = 256;
/** What is shown of it. */
const MAX_EXCERPT_LENGTH = 120;

/** Throws what a status other than 200 means. */
export async function requireOk(answer: HttpAnswer, inquiry: HttpInquiry, peer: HttpPeer): Promise<void> {
  if (answer.status === 200) return;
  throw await explainStatus(answer, inquiry, peer);
}

/** Says what a status means, with the beginning of the body where the provider itself said it. */
export async function explainStatus(
  answer: HttpAnswer,
  inquiry: HttpInquiry,
  peer: HttpPeer,
): Promise<EditionDeliveryError> {
  const { status } = answer;
  const excerpt = await readExcerpt(answer, peer.secrets);
  const place = answer.isForeign ? "the server that it redirects to" : "the provider";
  const state = `${place} answers ${status}${excerpt === null ? "" : ` (${excerpt})`}`;
  return inquiry.refuse(failureOf(status), state, {
    retryAt: readRetryAfter(answer.headers.get("retry-after"), peer.clock.now()),
  });
}

/** The failure that a status stands for. */
export function failureOf(status: number): DeliveryFailure {
  if (status === 401 || status === 407) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 400 || status === 404 || status === 410) return "not_found";
  if (status === 429) return "rate_limited";
  if (status === 408 || status >= 500) return "network";
  return "protocol";
}

/** A store's error quotes what was signed, a page's is no sentence: only what the provider says in text is told. */
async function readExcerpt(answer: HttpAnswer, secrets: readonly string[]): Promise<string | null> {
  if (answer.isForeign || /html|xml/i.test(answer.headers.get("content-type") ?? "")) return null;
  const bytes = new Uint8Array(MAX_EXCERPT_BYTES);
  let size = 0;
  try {
    for await (const chunk of answer.chunks) {
      const part = chunk.subarray(0, MAX_EXCERPT_BYTES - size);
      bytes.set(part, size);
      size += part.length;
      if (size === MAX_EXCERPT_BYTES) break;
    }
  } catch {
    // The status says enough where the body breaks off.
  }
  const text = new TextDecoder().decode(bytes.subarray(0, size));
  // The last word may be the first half of a secret.
  const whole = size === MAX_EXCERPT_BYTES ? text.replace(/\S+$/, "") : text;
  const cleaned = cleanText(redact(findSentence(whole), secrets), MAX_EXCERPT_LENGTH);
  return cleaned === null || cleaned.startsWith("<") ? null : cleaned;
}

/** What an error in JSON says to people: MaxMind's have `code` and `error`. */
function findSentence(text: string): string {
  if (!text.trimStart().startsWith("{")) return text;
  return /"(?:error|message)"\s*:\s*"([^"\\]*)"/.exec(text)?.[1] ?? "";
}

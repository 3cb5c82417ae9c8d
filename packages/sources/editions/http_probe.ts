import { exchange, type HttpAnswer, type HttpInquiry } from "./http_exchange.ts";
import type { HttpPeer } from "./http_peer.ts";
import { requireOk } from "./http_status.ts";

/** What is known of a file that was not downloaded. */
export type HttpProbe = Pick<HttpAnswer, "headers" | "totalBytes">;

/**
 * Looks whether a server has a file; null when it has not. A server that refuses `HEAD` is asked with `GET`, and left
 * before the body. A page in place of a file is what a network says that wants a log-in.
 */
export async function probe(
  peer: HttpPeer,
  inquiry: Omit<HttpInquiry, "method">,
  method: "HEAD" | "GET" = "HEAD",
): Promise<HttpProbe | null> {
  const asked = { ...inquiry, method };
  const found = await exchange(peer, asked, async (answer) => {
    if (answer.status === 404 || answer.status === 410) return null;
    if (method === "HEAD" && (answer.status === 405 || answer.status === 501)) return "refused";
    await requireOk(answer, asked, peer);
    if (/^text\/html\b/i.test(answer.headers.get("content-type") ?? "")) {
      throw inquiry.refuse("protocol", "the server answers with a page instead of a file");
    }
    return { headers: answer.headers, totalBytes: answer.totalBytes };
  });
  return found === "refused" ? await probe(peer, inquiry, "GET") : found;
}

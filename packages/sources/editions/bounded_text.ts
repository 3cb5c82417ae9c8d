import type { Refuse } from "./delivery.ts";

/** Reads a short text; more than `maxBytes` break the protocol. */
export async function readBoundedText(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, refuse }: { readonly maxBytes: number; readonly refuse: Refuse },
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw refuse("protocol", `the answer is larger than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

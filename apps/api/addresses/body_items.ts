import { quoteInput } from "@ipcascade/core";
import type { InputItem } from "@ipcascade/operations";
import { ArrayReader } from "./array_items.ts";
import { type BodyOptions, readBody } from "./body_bytes.ts";
import { type BodyReader, createNdjsonReader, createTextReader } from "./line_items.ts";

const READERS: Readonly<Record<string, () => BodyReader>> = {
  "application/x-ndjson": createNdjsonReader,
  "text/plain": createTextReader,
  "application/json": () => new ArrayReader(),
};

/** The media types that a body of addresses may have. */
export const BODY_TYPES: readonly string[] = Object.keys(READERS);

/** Bytes of which the items are made at once. */
const PIECE_SIZE = 64 * 1024;

/** How a body is read as addresses. */
export interface BodyItems {
  /** The reader of a `Content-Type`; null when it is none of those allowed. */
  readonly createReader: () => BodyReader;
  readonly isGzip: boolean;
}

/** Finds out how a body is to be read; a text says what is wrong with types and encodings that are not read. */
export function findBodyItems(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): BodyItems | string {
  const type = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  const createReader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (createReader === undefined) {
    const allowed = `allowed as Content-Type are ${BODY_TYPES.join(", ")}`;
    return `Cannot read a body of type ${quoteInput(type)}: ${allowed}`;
  }
  const encoding = (contentEncoding ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "gzip") return { createReader, isGzip: encoding === "gzip" };
  return `Cannot read a body of encoding ${quoteInput(encoding)}: allowed as Content-Encoding is gzip`;
}

/** Reads a body as items, as fast as somebody asks for them. */
export async function* readBodyItems(
  body: ReadableStream<Uint8Array> | null,
  { createReader, isGzip }: BodyItems,
  options: Omit<BodyOptions, "isGzip">,
): AsyncGenerator<readonly InputItem[]> {
  const reader = createReader();
  if (body !== null) {
    for await (const piece of readBody(body, { ...options, isGzip })) {
      for (let start = 0; start < piece.length; start += PIECE_SIZE) {
        const items = reader.push(piece.subarray(start, start + PIECE_SIZE));
        if (items.length > 0) yield items;
      }
    }
  }
  const rest = reader.end();
  if (rest.length > 0) yield rest;
}

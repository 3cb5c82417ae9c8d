import { quoteInput } from "@ipcascade/core";
import { GzipDamagedError } from "./gzip_reader.ts";
import { GzipSalvager } from "./gzip_salvager.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

/**
 * Unpacks gzip (of one member or several) when the bytes begin with its magic number, and passes other bytes
 * through. What was unpacked before the data broke off or went bad is delivered before `InputUnreadableError` is
 * thrown.
 */
export async function* unpackGzip(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | null = new Uint8Array(0);
  let gunzip: GzipSalvager | null = null;
  try {
    for await (const chunk of chunks) {
      let bytes = chunk;
      if (head !== null) {
        bytes = head.length === 0 ? chunk : concat(head, chunk);
        // A copy: the reader may fill the same memory again.
        head = bytes.length < 2 ? bytes.slice() : null;
        if (head !== null) continue;
        if (isGzip(bytes)) gunzip = new GzipSalvager();
      }
      if (gunzip === null) yield bytes;
      else yield* gunzip.unpack(bytes);
    }
    if (head !== null && head.length > 0) yield head;
    if (gunzip !== null) yield* gunzip.finish();
  } catch (error) {
    if (!(error instanceof GzipDamagedError)) throw error;
    throw new InputUnreadableError(`Cannot read ${quoteInput(name)} to its end: ${error.message}`);
  } finally {
    gunzip?.close();
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

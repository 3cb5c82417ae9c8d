import type { Gunzip } from "@ipcascade/sources";
import { GzipReader } from "./gzip_reader.ts";

/** Unpacks gzip by zlib: members one after the other, zeros behind them; whatever else follows is damage. */
export const gunzip: Gunzip = async function* (
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = new GzipReader();
  try {
    for await (const chunk of chunks) yield* reader.unpack(chunk);
    yield* reader.finish();
  } finally {
    reader.close();
  }
};

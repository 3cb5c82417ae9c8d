import { createGzip, type Gzip } from "node:zlib";
import { BackupDamagedError, type TransformBytes } from "@ipcascade/core";
import { GzipDamagedError, GzipReader } from "./gzip_reader.ts";

/** Of rows as COPY writes them, level 3 leaves a twelfth to a twentieth, at three times the speed of level 6. */
const LEVEL = 3;
/** Bytes that go into zlib, and come out of it, at a time. */
const PIECE_SIZE = 256 * 1024;

/** Compresses to one gzip member. At most three pieces wait; pieces must stay as they are once they were given. */
export const packGzip: TransformBytes = async function* (chunks) {
  const gzip = openGzip();
  const feeding = feed(gzip, chunks);
  try {
    for await (const piece of gzip) yield piece as Uint8Array;
  } finally {
    gzip.destroy();
    await feeding;
  }
};

/**
 * Unpacks gzip. Throws `BackupDamagedError` when it is empty, cut or damaged, or when anything follows it. However much
 * a few bytes unpack to, 16 MiB at most are held.
 */
export const unpackGzip: TransformBytes = async function* (chunks) {
  const reader = new GzipReader({ outputSize: PIECE_SIZE, refusesPadding: true });
  let isEmpty = true;
  try {
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue;
      isEmpty = false;
      yield* reader.unpack(chunk);
    }
    if (isEmpty) throw new GzipDamagedError("the file is empty");
    yield* reader.finish();
  } catch (error) {
    throw error instanceof GzipDamagedError ? damagedPacking(error.message) : error;
  } finally {
    reader.close();
  }
};

/** The error about bytes that were not packed like this; which member they are of, the reader of the member knows. */
export function damagedPacking(problem: string): BackupDamagedError {
  return new BackupDamagedError(`Cannot unpack the file: ${problem}`, "file");
}

function openGzip(): Gzip {
  // With room for two pieces, one is compressed while the next is fetched.
  const queue = { readableHighWaterMark: 2 * PIECE_SIZE, writableHighWaterMark: 2 * PIECE_SIZE };
  return createGzip({ level: LEVEL, chunkSize: PIECE_SIZE, ...queue });
}

/** Never rejects: what the input throws, the output throws. */
async function feed(gzip: Gzip, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += PIECE_SIZE) {
        if (gzip.destroyed) return;
        if (!gzip.write(chunk.subarray(start, start + PIECE_SIZE))) await waitForRoom(gzip);
      }
    }
    gzip.end();
  } catch (error) {
    gzip.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Resolves too when nobody takes anything any more. */
function waitForRoom(gzip: Gzip): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      gzip.off("drain", settle);
      gzip.off("close", settle);
      resolve();
    };
    if (gzip.destroyed) return resolve();
    gzip.on("drain", settle);
    gzip.on("close", settle);
  });
}

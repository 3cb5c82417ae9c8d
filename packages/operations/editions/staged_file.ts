import type { CreateHasher, EditionSink, EditionStaging } from "@ipcascade/core";

/** A file of a staged set, and what was measured while it was written. */
export interface StagedFile {
  readonly size_bytes: number;
  /** Checksums in hexadecimal. */
  readonly md5: string;
  readonly sha256: string;
}

/** Writes one file of a staged set: `fill` gets the sink. The file is closed whatever happens. */
export async function writeStagedFile<T>(
  staging: EditionStaging,
  file: string,
  deps: { readonly createHasher: CreateHasher; readonly fill: (sink: EditionSink) => Promise<T> },
): Promise<StagedFile & { readonly filled: T }> {
  const md5 = deps.createHasher("md5");
  const sha256 = deps.createHasher("sha256");
  const writer = await staging.openFile(file);
  let size = 0;
  let filled: T;
  try {
    filled = await deps.fill(async (chunk) => {
      md5.update(chunk);
      sha256.update(chunk);
      size += chunk.byteLength;
      await writer.write(chunk);
    });
  } catch (error) {
    // What the file came to nothing for is told, not that it could not be closed either.
    await writer.close().catch(() => {});
    throw error;
  }
  await writer.close();
  return { size_bytes: size, md5: md5.digest(), sha256: sha256.digest(), filled };
}

const PIECE_BYTES = 1 << 20;

/** Feeds bytes in memory to a sink, piece by piece. */
export async function pour(bytes: Uint8Array, sink: EditionSink): Promise<void> {
  for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) {
    await sink(bytes.subarray(start, start + PIECE_BYTES));
  }
}

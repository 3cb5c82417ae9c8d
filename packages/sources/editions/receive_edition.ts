import type { DownloadOptions } from "@ipcascade/core";
import { unpackEdition, type UnpackOptions } from "./unpack_edition.ts";
import { UNPACK_LIMITS } from "./unpack_limits.ts";

/** A file on its way. */
export interface EditionFile {
  /** As announced; null when nobody told it. */
  readonly totalBytes: number | null;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What unpacking needs, and who follows it. */
export interface ReceiveOptions extends UnpackOptions, Pick<DownloadOptions, "onProgress"> {}

/** Unpacks a file and tells how far it is; one that is announced as too large is not begun. */
export async function receiveEdition(file: EditionFile, options: ReceiveOptions): Promise<void> {
  const { maxPackedBytes } = { ...UNPACK_LIMITS, ...options.limits };
  if (file.totalBytes !== null && file.totalBytes > maxPackedBytes) {
    throw options.refuse("archive", `it has ${file.totalBytes} bytes, allowed are ${maxPackedBytes}`);
  }
  await unpackEdition(follow(file, options.onProgress), options);
}

async function* follow(
  { chunks, totalBytes }: EditionFile,
  onProgress: DownloadOptions["onProgress"],
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.length;
    onProgress?.(received, totalBytes);
    yield chunk;
  }
}

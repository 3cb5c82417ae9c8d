import { GzipDamagedError, GzipReader, STEP_SIZE } from "./gzip_reader.ts";

/** Compressed bytes from the beginning that are kept, to unpack them again where they turn out to be damaged. */
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Reads gzip data like `GzipReader`, and gives what stands before damage to the last byte, such as a whole member with
 * garbage behind it. zlib drops what it has made of the bytes before damage (64 KiB at most): the beginning of the data
 * is unpacked again then, byte by byte where the damage is. Beyond 4 MiB of compressed data that stays dropped.
 */
export class GzipSalvager {
  readonly #reader = new GzipReader();
  #kept: Uint8Array[] | null = [];
  #keptBytes = 0;
  #unpackedBytes = 0;

  /** Unpacks the next bytes. Throws `GzipDamagedError`. */
  async *unpack(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    this.#keep(bytes);
    try {
      for await (const piece of this.#reader.unpack(bytes)) {
        this.#unpackedBytes += piece.length;
        yield piece;
      }
    } catch (error) {
      if (error instanceof GzipDamagedError) yield* this.#salvage();
      throw error;
    }
  }

  /** Gives what is left, and throws `GzipDamagedError` when the data is not complete. */
  finish(): AsyncGenerator<Uint8Array> {
    return this.#reader.finish();
  }

  /** Frees zlib. */
  close(): void {
    this.#reader.close();
  }

  #keep(bytes: Uint8Array): void {
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > KEPT_BYTES) this.#kept = null;
    // A copy: the reader may fill the same memory again.
    this.#kept?.push(bytes.slice());
  }

  async *#salvage(): AsyncGenerator<Uint8Array> {
    if (this.#kept === null) return;
    let known = this.#unpackedBytes;
    for await (const piece of unpackBytewise(join(this.#kept, this.#reader.given))) {
      const fresh = piece.subarray(Math.min(known, piece.length));
      known -= piece.length - fresh.length;
      if (fresh.length > 0) yield fresh;
    }
  }
}

/** Unpacks the data up to the damage in its last step. */
async function* unpackBytewise(data: Uint8Array): AsyncGenerator<Uint8Array> {
  const reader = new GzipReader();
  try {
    const sure = Math.max(0, data.length - STEP_SIZE);
    yield* reader.unpack(data.subarray(0, sure));
    for (let at = sure; at < data.length; at++) yield* reader.unpack(data.subarray(at, at + 1));
  } catch (error) {
    if (!(error instanceof GzipDamagedError)) throw error;
  } finally {
    reader.close();
  }
}

/** The first `length` bytes of the pieces. */
function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece.subarray(0, length - at), at);
    at += Math.min(piece.length, length - at);
  }
  return joined;
}

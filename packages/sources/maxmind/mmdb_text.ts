import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { OffsetCache } from "./offset_cache.ts";

/** Up to this length a text of plain ASCII is put together without the decoder, three to five times as fast. */
const SHORT_TEXT_BYTES = 64;

/** Longer texts are read anew each time. */
const MAX_KEPT_BYTES = 96;

/**
 * Reads the UTF-8 texts of a data section, and keeps those that stand at the same place for the next record that
 * points there.
 */
export class MmdbTextReader {
  readonly #bytes: Uint8Array;
  readonly #kept: OffsetCache<string>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #scratch: number[][] = [];

  /** Reads from `bytes`, a whole data section, and keeps up to `maxKept` texts (150 bytes each). */
  constructor(bytes: Uint8Array, maxKept: number) {
    this.#bytes = bytes;
    this.#kept = new OffsetCache(maxKept);
  }

  /** The text of `size` bytes at `position`, which the caller has checked. Throws `MmdbCorruptError` on bad UTF-8. */
  read(position: number, size: number): string {
    const kept = this.#kept.find(position);
    // Overlapping texts of a damaged file share a start, not a length.
    if (kept !== undefined && kept.length === size) return kept;
    const text = this.#readAscii(position, size) ?? this.#decode(position, size);
    if (size > MAX_KEPT_BYTES || text.length !== size) return text;
    this.#kept.keep(position, text);
    return text;
  }

  /** Makes sure that a text can be read. Throws `MmdbCorruptError`. */
  check(position: number, size: number): void {
    let seen = 0;
    for (let i = position; i < position + size; i++) seen |= this.#bytes[i]!;
    if (seen >= 0x80) this.#decode(position, size);
  }

  #readAscii(position: number, size: number): string | null {
    if (size > SHORT_TEXT_BYTES) return null;
    const codes = this.#scratch[size] ??= new Array<number>(size).fill(0);
    let seen = 0;
    for (let i = 0; i < size; i++) {
      const byte = this.#bytes[position + i]!;
      codes[i] = byte;
      seen |= byte;
    }
    return seen < 0x80 ? String.fromCharCode.apply(null, codes) : null;
  }

  #decode(position: number, size: number): string {
    try {
      return this.#decoder.decode(this.#bytes.subarray(position, position + size));
    } catch {
      throw new MmdbCorruptError("decode text", "not valid UTF-8", position);
    }
  }
}

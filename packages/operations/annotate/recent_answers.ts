import { BATCH_LINES } from "../bulk/address_columns.ts";
import { MAX_PART_BYTES } from "../bulk/fragment_store.ts";

/** Bytes of the ring that recent answers are kept in. With the table it stays in a processor's cache. */
export const RECENT_BYTES = 4 * 1024 * 1024;

/** Addresses that are remembered: each has one place. */
const PLACES = 32_768;

/** What a batch may write over, between finding an answer and copying it. */
const BATCH_BYTES = BATCH_LINES * 2 * MAX_PART_BYTES;

/** Spreads addresses of one network over the table (Knuth's multiplicative hashing). */
const GOLDEN_RATIO = 0x9e3779b1;
const SHIFT = 32 - Math.log2(PLACES);

/**
 * What was written lately about IPv4 addresses. Half of the lines of a log are about few visitors: their answers are
 * copied in one piece, without looking them up again. A ring of bytes, in which new answers take the place of old ones.
 */
export class RecentAnswers {
  /** Length of the answer found last. */
  length = 0;
  readonly #bytes: Uint8Array;
  readonly #ringAt: number;
  readonly #addresses = new Uint32Array(PLACES);
  /** Where an answer starts, counted from the first byte ever written; its length is 0 where there is none. */
  readonly #starts = new Float64Array(PLACES);
  readonly #lengths = new Uint16Array(PLACES);
  #head = 0;

  /** Keeps the ring in `bytes`, in the `RECENT_BYTES` from `ringAt` on. */
  constructor(bytes: Uint8Array, ringAt: number) {
    this.#bytes = bytes;
    this.#ringAt = ringAt;
  }

  /** Where the answer about the 32 bits of an address starts, until a batch further on; -1 when there is none. */
  find(bits: number): number {
    const place = Math.imul(bits, GOLDEN_RATIO) >>> SHIFT;
    const length = this.#lengths[place]!;
    if (this.#addresses[place] !== bits || length === 0) return -1;
    const start = this.#starts[place]!;
    if (start <= this.#head + BATCH_BYTES - RECENT_BYTES) return -1;
    this.length = length;
    return this.#ringAt + start % RECENT_BYTES;
  }

  /** Keeps what stands from `start` to `end` as the answer about an address. */
  keep(bits: number, start: number, end: number): void {
    const length = end - start;
    const left = RECENT_BYTES - this.#head % RECENT_BYTES;
    // Answers are in one piece.
    if (left < length) this.#head += left;
    const place = Math.imul(bits, GOLDEN_RATIO) >>> SHIFT;
    this.#bytes.copyWithin(this.#ringAt + this.#head % RECENT_BYTES, start, end);
    this.#addresses[place] = bits;
    this.#starts[place] = this.#head;
    this.#lengths[place] = length;
    this.#head += length;
  }
}

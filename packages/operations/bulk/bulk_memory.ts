import { COPY_STEP } from "./copy_bytes.ts";
import type { FragmentMemory } from "./fragment_store.ts";

/** Where a text stands in the memory. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** Bytes for output: a piece, and what the records of one more batch take at most. */
export const OUTPUT_BYTES = 6 * 1024 * 1024;

/** Bytes for texts that all records of a batch share. */
const SHARED_BYTES = 256 * 1024;

/** Bytes for the fragments of places and origins; a whole edition's are some 40 MB. */
export const FRAGMENT_BYTES = 64 * 1024 * 1024;

/**
 * The memory of one engine, in one piece: output, texts of the batch, fragments. Within one buffer a short copy costs a
 * seventh of what it costs between two. The system gives pages as they are written to.
 */
export class BulkMemory implements FragmentMemory {
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly view: DataView;
  /** Where the fragments start; texts that are shared stand before them. */
  readonly fragmentsAt: number;
  readonly #end: number;
  used: number;
  readonly #encoder = new TextEncoder();
  #shared = OUTPUT_BYTES;
  #batchAt = OUTPUT_BYTES;

  /** `fragmentBytes` bounds the fragments. */
  constructor(fragmentBytes: number) {
    this.fragmentsAt = OUTPUT_BYTES + SHARED_BYTES;
    this.#end = this.fragmentsAt + fragmentBytes;
    this.bytes = new Uint8Array(this.#end + COPY_STEP);
    this.view = new DataView(this.bytes.buffer);
    this.used = this.fragmentsAt;
  }

  /** Bytes left for fragments. */
  get room(): number {
    return this.#end - this.used;
  }

  /** Forgets the fragments. */
  clear(): void {
    this.used = this.fragmentsAt;
  }

  /** Writes a text that stays. */
  share(text: string): Span {
    const start = this.#shared;
    const { written } = this.#encoder.encodeInto(text, this.bytes.subarray(start, this.fragmentsAt));
    this.#shared = this.#batchAt = start + written;
    return { start, length: written };
  }

  /** Forgets the texts of the batch before. */
  startBatch(): void {
    this.#batchAt = this.#shared;
  }

  /** Writes a text that stays until the next batch. */
  shareInBatch(text: string): Span {
    const start = this.#batchAt;
    const { written } = this.#encoder.encodeInto(text, this.bytes.subarray(start, this.fragmentsAt));
    this.#batchAt = start + written;
    return { start, length: written };
  }
}

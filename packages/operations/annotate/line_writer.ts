import { type BulkMemory, OUTPUT_BYTES } from "../bulk/bulk_memory.ts";
import { COPY_STEP, copyBytes } from "../bulk/copy_bytes.ts";
import { HEADER_BYTES, MAX_PART_BYTES } from "../bulk/fragment_store.ts";
import type { PieceTally } from "../bulk/piece_tally.ts";
import type { LogAnswers } from "./log_answers.ts";
import type { LogBatch } from "./log_batch.ts";

/** Lines have room up to here: behind it an answer of two longest parts has some, and the last step of a copy. */
const ROOM = OUTPUT_BYTES - 2 * MAX_PART_BYTES - COPY_STEP;

/** Writes lines with their answers at the start of a memory. */
export class LineWriter {
  /** Bytes written. */
  length = 0;
  readonly #memory: BulkMemory;
  readonly #answers: LogAnswers;

  constructor(memory: BulkMemory, answers: LogAnswers) {
    this.#memory = memory;
    this.#answers = answers;
  }

  /** Writes lines of a batch from `from` on, as long as there is room; returns which one is the first without. */
  write(batch: LogBatch, from: number, tally: PieceTally): number {
    const { bytes, view, fragmentsAt } = this.#memory;
    const { starts, ends, nexts, count, bytes: input } = batch;
    const { firsts, seconds } = this.#answers;
    let at = this.length;
    let hits = 0;
    let locals = 0;
    let answered = 0;
    let i = from;
    for (; i < count; i++) {
      const start = starts[i]!;
      const next = nexts[i]!;
      if (at + next - start > ROOM) break;
      const first = firsts[i]!;
      const end = first === 0 ? next : ends[i]!;
      this.#copyLine(at, batch, start, end);
      at += end - start;
      if (first === 0) continue;
      const second = seconds[i]!;
      const firstHeader = view.getUint16(first, true);
      const secondHeader = view.getUint16(second, true);
      copyBytes(view, at, view, first + HEADER_BYTES, firstHeader >>> 1);
      at += firstHeader >>> 1;
      copyBytes(view, at, view, second + HEADER_BYTES, secondHeader >>> 1);
      at += secondHeader >>> 1;
      for (let k = end; k < next; k++) bytes[at++] = input[k]!;
      answered++;
      hits += (firstHeader | secondHeader) & 1;
      if (first < fragmentsAt) locals++;
    }
    this.length = at;
    tally.inputs += i - from;
    tally.local += locals;
    tally.asked += answered - locals;
    tally.hits += hits;
    tally.misses += answered - locals - hits;
    return i;
  }

  #copyLine(at: number, { view, bytes }: LogBatch, start: number, end: number): void {
    const isWithin = end + COPY_STEP <= view.byteLength;
    if (isWithin) copyBytes(this.#memory.view, at, view, start, end - start);
    else this.#memory.bytes.set(bytes.subarray(start, end), at);
  }
}

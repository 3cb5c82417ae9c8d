import { SCOPES } from "@ipcascade/core";
import { type BatchAnswers, HIT, LOCAL, MISS } from "./batch_answers.ts";
import { type BulkMemory, OUTPUT_BYTES, type Span } from "./bulk_memory.ts";
import { MAX_PART_BYTES } from "./fragment_store.ts";
import type { LineBatch } from "./line_batch.ts";
import type { PieceTally } from "./piece_tally.ts";
import type { BatchFacts, RecordForm } from "./record_form.ts";

/** Bytes of a record besides its fragments, at most. */
const FRAME_BYTES = 1_024;

/** Writes records as bytes at the start of a memory. */
export class RecordWriter {
  /** Bytes written. */
  length = 0;
  readonly #memory: BulkMemory;
  readonly #form: RecordForm;
  readonly #open: Span;
  readonly #between: Span;
  readonly #locals: readonly Span[];
  #middle: Span;
  #hitEnd: Span;
  #missEnd: Span;
  #durationMs = 0;
  readonly #encoder = new TextEncoder();

  constructor(memory: BulkMemory, form: RecordForm) {
    this.#memory = memory;
    this.#form = form;
    this.#open = memory.share(form.open);
    this.#between = memory.share(form.between);
    // The next record's beginning is copied along, and taken back after the last one.
    this.#locals = SCOPES.map((scope) => memory.share(form.local(scope) + form.open));
    this.#middle = this.#hitEnd = this.#missEnd = this.#open;
  }

  /** Tells whether so many records have room. */
  hasRoom(records: number): boolean {
    return this.length + records * (FRAME_BYTES + 4 * MAX_PART_BYTES) <= OUTPUT_BYTES;
  }

  /** Writes a text, for which there must be room. */
  append(text: string): void {
    const room = this.#memory.bytes.subarray(this.length, OUTPUT_BYTES);
    this.length += this.#encoder.encodeInto(text, room).written;
  }

  /** Prepares what the records of a batch share. */
  startBatch(facts: BatchFacts): void {
    const memory = this.#memory;
    const { open } = this.#form;
    memory.startBatch();
    const { middle, end } = this.#form.hit(facts);
    this.#middle = memory.shareInBatch(middle);
    this.#hitEnd = memory.shareInBatch(end + open);
    this.#missEnd = memory.shareInBatch(this.#form.miss(facts) + open);
    this.#durationMs = facts.durationMs;
  }

  /** Writes the records from line `from` on up to one that is a text, or to the end; returns where that is. */
  write(batch: LineBatch, answers: BatchAnswers, from: number, tally: PieceTally): number {
    const { bytes } = this.#memory;
    const { kinds, places, origins } = answers;
    const { count } = batch;
    let i = from;
    let hits = 0;
    let misses = 0;
    if (from >= count || kinds[from]! > LOCAL) return from;
    let at = this.#copy(this.#open, this.length);
    for (; i < count; i++) {
      const kind = kinds[i]!;
      if (kind > LOCAL) break;
      at = this.#writeAddress(batch, i, at);
      if (kind === HIT) {
        hits++;
        const place = places.starts[i]!;
        const placeEnd = place + (places.lengths[i]! >>> 16);
        bytes.copyWithin(at, place, placeEnd);
        at += placeEnd - place;
        const origin = origins.starts[i]!;
        const originEnd = origin + (origins.lengths[i]! >>> 16);
        bytes.copyWithin(at, origin, originEnd);
        at = this.#copy(this.#middle, at + originEnd - origin);
        const placeRest = places.lengths[i]! & 0xffff;
        bytes.copyWithin(at, placeEnd, placeEnd + placeRest);
        at += placeRest;
        const originRest = origins.lengths[i]! & 0xffff;
        bytes.copyWithin(at, originEnd, originEnd + originRest);
        at = this.#copy(this.#hitEnd, at + originRest);
      } else if (kind === MISS) {
        misses++;
        at = this.#copy(this.#missEnd, at);
      } else at = this.#copy(this.#locals[batch.scopes[i]!]!, at);
    }
    this.length = at - this.#open.length;
    this.#tally(tally, { records: i - from, hits, misses });
    return i;
  }

  #tally(tally: PieceTally, run: { records: number; hits: number; misses: number }): void {
    const asked = run.hits + run.misses;
    tally.inputs += run.records;
    tally.local += run.records - asked;
    tally.asked += asked;
    tally.hits += run.hits;
    tally.misses += run.misses;
    if (asked > 0) tally.timings.push(this.#durationMs, asked);
  }

  /** Writes the input, and the address in its canonical form. */
  #writeAddress(batch: LineBatch, i: number, from: number): number {
    const { bytes } = this.#memory;
    const { input } = batch;
    const end = batch.ends[i]!;
    const start = batch.starts[i]!;
    let at = from;
    for (let k = start; k < end; k++) bytes[at++] = input[k]!;
    const { start: between, length } = this.#between;
    for (let k = between; k < between + length; k++) bytes[at++] = bytes[k]!;
    const address = batch.addresses[i]!;
    if (address === null) {
      for (let k = start; k < end; k++) bytes[at++] = input[k]!;
      return at;
    }
    const { text } = address;
    for (let k = 0; k < text.length; k++) bytes[at++] = text.charCodeAt(k);
    return at;
  }

  #copy({ start, length }: Span, at: number): number {
    this.#memory.bytes.copyWithin(at, start, start + length);
    return at + length;
  }
}

import {
  type Clock,
  formatInstant,
  type MaxmindIndex,
  type MaxmindSource,
  type SpanLimit,
} from "@ipcascade/core";
import { type Entry, type InputItem, readEntries } from "../inputs.ts";
import { type LookUpContext, lookUpEntry } from "../look_up_entry.ts";
import { BATCH_FRAGMENT_BYTES, BatchAnswers } from "./batch_answers.ts";
import { BulkMemory, FRAGMENT_BYTES, OUTPUT_BYTES } from "./bulk_memory.ts";
import type { BulkChunk, BulkPiece, ChunkEngine, ChunkOptions } from "./chunk_engine.ts";
import { LineBatch } from "./line_batch.ts";
import { PieceTally } from "./piece_tally.ts";
import { isSilentLine } from "./plain_line.ts";
import type { RecordForm } from "./record_form.ts";
import { RecordWriter } from "./record_writer.ts";

/** What bulk look-ups work with. */
export interface BulkLookUpDeps {
  /** The installed editions by offsets. */
  readonly index: MaxmindIndex;
  /** The same editions, for what is looked up one by one. */
  readonly maxmind: MaxmindSource;
  readonly clock: Pick<Clock, "now" | "elapsed">;
  readonly form: RecordForm;
}

/** What a run of them may do; everything has a default. */
export interface BulkLookUpOptions {
  /** Largest block or range that is expanded, in addresses. */
  readonly maxSpan?: SpanLimit;
  /** Bytes of fragments that are kept at most: at least what a batch needs, some 4 MiB. Default 64 MiB. */
  readonly fragmentBytes?: number;
}

/** A piece is given when it has so many bytes. */
const PIECE_BYTES = 1024 * 1024;

/** Entries of a block that are written together. */
const SPAN_ENTRIES = 256;

/**
 * Looks many addresses up and writes the records as bytes. Common lines go from bytes to bytes: an address is read
 * without making a text, each record of an edition is encoded once and copied from then on. Every other line goes by
 * itself through the same steps as in `lookUp`, in its place of the output. The bytes are those of `lookUp` with the
 * renderer, apart from times: the look-ups of up to 512 lines are timed together, each record's `duration_ms` is their
 * mean, and they share their stamps.
 */
export function bulkLookUp(deps: BulkLookUpDeps, options: BulkLookUpOptions = {}): ChunkEngine {
  return new BulkLookUp(deps, options);
}

class BulkLookUp implements ChunkEngine {
  readonly #deps: BulkLookUpDeps;
  readonly #maxSpan: SpanLimit | undefined;
  readonly #memory: BulkMemory;
  readonly #batch = new LineBatch();
  readonly #answers: BatchAnswers;
  readonly #writer: RecordWriter;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #nowMs = Number.NaN;
  #checkedAt = "";
  #entries = 0;
  #skip = 0;
  #tally = new PieceTally();

  constructor(deps: BulkLookUpDeps, options: BulkLookUpOptions) {
    this.#deps = deps;
    this.#maxSpan = options.maxSpan;
    this.#memory = new BulkMemory(Math.max(BATCH_FRAGMENT_BYTES, options.fragmentBytes ?? FRAGMENT_BYTES));
    this.#answers = new BatchAnswers(deps.index, this.#memory, deps.form);
    this.#writer = new RecordWriter(this.#memory, deps.form);
  }

  *process(chunk: BulkChunk, options: ChunkOptions = {}): Generator<BulkPiece, boolean> {
    const batch = this.#batch;
    const writer = this.#writer;
    this.#entries = 0;
    this.#skip = options.skip ?? 0;
    this.#drop();
    batch.start(chunk.kind === "lines" ? chunk.bytes : this.#encoder.encode(linesOf(chunk.items)));
    for (batch.fill(); batch.count > 0; batch.fill()) {
      this.#lookUp();
      if (!writer.hasRoom(batch.count)) yield this.#take();
      for (let i = 0; i < batch.count; i++) {
        const from = i;
        i = writer.write(batch, this.#answers, from, this.#tally);
        this.#count(i - from);
        if (i === batch.count) break;
        const item = this.#itemOf(chunk, i);
        if (item !== null && !(yield* this.#writeItem(item, options))) {
          if (writer.length > 0) yield this.#take();
          return false;
        }
        if (!writer.hasRoom(batch.count - i)) yield this.#take();
      }
      if (writer.length >= PIECE_BYTES) yield this.#take();
    }
    if (writer.length > 0) yield this.#take();
    return true;
  }

  #lookUp(): void {
    const { clock, index } = this.#deps;
    this.#stamp();
    const startedMs = clock.elapsed();
    const asked = this.#answers.lookUp(this.#batch);
    const durationMs = asked === 0 ? 0 : (clock.elapsed() - startedMs) / asked;
    const { databaseBuild } = index;
    this.#writer.startBatch({ now: this.#nowMs, checkedAt: this.#checkedAt, durationMs, databaseBuild });
  }

  #stamp(): void {
    const now = this.#deps.clock.now();
    if (now === this.#nowMs) return;
    this.#nowMs = now;
    this.#checkedAt = formatInstant(now);
  }

  /** The item of a line that is looked up by itself; null when it says nothing. */
  #itemOf(chunk: BulkChunk, i: number): InputItem | null {
    const { lines, input, starts, ends } = this.#batch;
    const line = lines[i]!;
    if (chunk.kind === "items") return chunk.items[line]!;
    const text = this.#decoder.decode(input.subarray(starts[i]!, ends[i]!)).trim();
    return isSilentLine(text) ? null : { text, origin: { name: chunk.name, line: chunk.firstLine + line } };
  }

  /** Looks an item up by itself, and all addresses of it when it is a block; returns false when it was stopped. */
  *#writeItem(item: InputItem, { isStopped }: ChunkOptions): Generator<BulkPiece, boolean> {
    let group: Entry[] = [];
    for (const entry of readEntries(item, this.#maxSpan)) {
      group.push(entry);
      if (group.length < SPAN_ENTRIES) continue;
      yield* this.#writeEntries(group);
      group = [];
      if (isStopped?.()) return false;
    }
    yield* this.#writeEntries(group);
    return true;
  }

  *#writeEntries(entries: readonly Entry[]): Generator<BulkPiece, void> {
    if (entries.length === 0) return;
    this.#stamp();
    const { maxmind, form } = this.#deps;
    const tally = new PieceTally();
    const context: LookUpContext = { now: this.#nowMs, checkedAt: this.#checkedAt, tally };
    const text = form.write(entries.map((entry) => lookUpEntry(entry, maxmind, context)));
    const { length } = this.#writer;
    // A text that may not fit goes out as a piece of its own.
    const isLarge = text.length * 3 > OUTPUT_BYTES - length;
    if (isLarge && length > 0) yield this.#take();
    this.#tally.addAll(tally);
    if (!isLarge) this.#writer.append(text);
    this.#count(entries.length);
    if (isLarge && this.#entries > this.#skip) yield { ...this.#take(), bytes: this.#encoder.encode(text) };
    if (this.#writer.length >= PIECE_BYTES) yield this.#take();
  }

  /** Hands the output so far out. */
  #take(): BulkPiece {
    const bytes = this.#memory.bytes.subarray(0, this.#writer.length);
    const piece = { bytes, entries: this.#entries, counts: this.#tally };
    this.#drop();
    return piece;
  }

  #drop(): void {
    this.#writer.length = 0;
    this.#tally = new PieceTally();
  }

  /** Counts records that were written; those to be skipped are dropped. */
  #count(records: number): void {
    this.#entries += records;
    if (this.#entries <= this.#skip) this.#drop();
  }
}

/** Addresses as they are read from lines. */
const PLAIN_ADDRESS = /^[0-9a-fA-F.:]{2,45}$/;

/** Items as lines; what is no plain address has a line that is none either. */
function linesOf(items: readonly InputItem[]): string {
  let lines = "";
  for (const { text, problem } of items) {
    lines += problem === undefined && PLAIN_ADDRESS.test(text) ? `${text}\n` : "?\n";
  }
  return lines;
}

import {
  type Clock,
  formatInstant,
  type IpAddress,
  ipv4FromBits,
  type MaxmindIndex,
  type MaxmindSource,
} from "@ipcascade/core";
import { BulkMemory } from "../bulk/bulk_memory.ts";
import type { BulkChunk, BulkPiece, ChunkEngine, ChunkOptions } from "../bulk/chunk_engine.ts";
import { PieceTally } from "../bulk/piece_tally.ts";
import type { AnnotationForm } from "./annotation_form.ts";
import { LineWriter } from "./line_writer.ts";
import { LogAnswers } from "./log_answers.ts";
import { LogBatch } from "./log_batch.ts";

/** What annotating works with. */
export interface AnnotatorDeps {
  /** The installed editions by offsets. */
  readonly index: MaxmindIndex;
  /** The same editions, for what can't be looked up. */
  readonly maxmind: MaxmindSource;
  readonly clock: Pick<Clock, "now" | "elapsed">;
  readonly form: AnnotationForm;
}

/** What a run of it may do; everything has a default. */
export interface AnnotatorOptions {
  /** IPv4 addresses whose answers are kept, at least as many as a batch may bring. Default 786 432. */
  readonly maxKnown?: number;
}

/** A piece is given when it has so many bytes. */
const PIECE_BYTES = 1024 * 1024;

/** Bytes for the fragments of places and origins: a whole edition's plain ones are some 15 MB, as JSON some 35. */
const FRAGMENT_BYTES = 48 * 1024 * 1024;

/**
 * Passes any log through and writes what is known about the first address of each line behind it: as words, or, where
 * the line is a JSON object, as one more field. Lines without an address go through as they are, byte by byte.
 */
export function createAnnotator(deps: AnnotatorDeps, options: AnnotatorOptions = {}): ChunkEngine {
  return new Annotator(deps, options);
}

class Annotator implements ChunkEngine {
  readonly #deps: AnnotatorDeps;
  readonly #memory = new BulkMemory(FRAGMENT_BYTES);
  readonly #batch = new LogBatch();
  readonly #answers: LogAnswers;
  readonly #writer: LineWriter;
  #entries = 0;
  #tally = new PieceTally();

  constructor(deps: AnnotatorDeps, { maxKnown }: AnnotatorOptions) {
    const { form, index } = deps;
    this.#deps = deps;
    this.#answers = new LogAnswers({ index, form, memory: this.#memory, maxKnown });
    this.#writer = new LineWriter(this.#memory, this.#answers);
  }

  *process(chunk: BulkChunk, { skip = 0 }: ChunkOptions = {}): Generator<BulkPiece, boolean> {
    if (chunk.kind !== "lines") throw new TypeError("Cannot annotate items: lines are needed");
    const batch = this.#batch;
    const writer = this.#writer;
    this.#entries = 0;
    this.#take();
    if (chunk.raw != null) {
      if (chunk.raw === "long") this.#countLong();
      if (skip === 0) yield { ...this.#take(), bytes: chunk.bytes, entries: 1 };
      return true;
    }
    batch.start(chunk.bytes);
    for (batch.fill(); batch.count > 0; batch.fill()) {
      this.#lookUp();
      const skipped = Math.min(batch.count, Math.max(0, skip - this.#entries));
      this.#entries += skipped;
      for (let i = this.#write(skipped); i < batch.count; i = this.#write(i)) {
        if (writer.length > 0) yield this.#take();
        else yield this.#passLong(i++);
      }
      if (writer.length >= PIECE_BYTES) yield this.#take();
    }
    if (writer.length > 0) yield this.#take();
    return true;
  }

  #lookUp(): void {
    const { clock } = this.#deps;
    const startedMs = clock.elapsed();
    const asked = this.#answers.lookUp(this.#batch);
    if (asked > 0) this.#tally.timings.push((clock.elapsed() - startedMs) / asked, asked);
  }

  /** Writes lines from `from` on, as long as there is room; returns which one is the first without. */
  #write(from: number): number {
    const end = this.#writer.write(this.#batch, from, this.#tally);
    this.#entries += end - from;
    this.#countUnread(from, end);
    return end;
  }

  #countLong(): void {
    this.#tally.inputs++;
    this.#tally.invalid++;
  }

  /** A line that has no room in an empty memory goes out as it is. */
  #passLong(i: number): BulkPiece {
    const { bytes, starts, nexts } = this.#batch;
    this.#entries++;
    this.#countLong();
    return { ...this.#take(), bytes: bytes.subarray(starts[i]!, nexts[i]!) };
  }

  /** Counts lines that are too long, and asks once more about what could not be looked up, for what is wrong. */
  #countUnread(from: number, end: number): void {
    const { firsts } = this.#answers;
    const { hasAddress, isLong, addresses, bits } = this.#batch;
    for (let i = from; i < end; i++) {
      if (firsts[i] !== 0) continue;
      if (isLong[i] === 1) this.#tally.invalid++;
      if (hasAddress[i] === 0) continue;
      const address: IpAddress = addresses[i] ?? ipv4FromBits(bits[i]!);
      this.#tally.asked++;
      this.#tally.add("maxmind", this.#deps.maxmind.lookUp(address, formatInstant(this.#deps.clock.now())));
    }
  }

  /** Hands the output so far out. */
  #take(): BulkPiece {
    const bytes = this.#memory.bytes.subarray(0, this.#writer.length);
    const piece = { bytes, entries: this.#entries, counts: this.#tally };
    this.#writer.length = 0;
    this.#tally = new PieceTally();
    return piece;
  }
}

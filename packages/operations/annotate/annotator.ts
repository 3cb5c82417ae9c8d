import {
  type Clock,
  formatInstant,
  type IpAddress,
  ipv4FromBits,
  type MaxmindIndex,
  type MaxmindSource,
  SCOPES,
} from "@ipcascade/core";
import { AS_TEXT, BATCH_LINES } from "../bulk/address_columns.ts";
import { BatchAnswers, HIT, LOCAL, TEXT } from "../bulk/batch_answers.ts";
import { BulkMemory, FRAGMENT_BYTES, OUTPUT_BYTES, type Span } from "../bulk/bulk_memory.ts";
import type { BulkChunk, BulkPiece, ChunkEngine, ChunkOptions } from "../bulk/chunk_engine.ts";
import { MAX_PART_BYTES } from "../bulk/fragment_store.ts";
import { PieceTally } from "../bulk/piece_tally.ts";
import type { AnnotationForm, AnnotationTexts } from "./annotation_form.ts";
import { LogBatch } from "./log_batch.ts";
import { RECENT_BYTES, RecentAnswers } from "./recent_answers.ts";

/** What annotating works with. */
export interface AnnotatorDeps {
  /** The installed editions by offsets. */
  readonly index: MaxmindIndex;
  /** The same editions, for what can't be looked up. */
  readonly maxmind: MaxmindSource;
  readonly clock: Pick<Clock, "now" | "elapsed">;
  readonly form: AnnotationForm;
}

/** A piece is given when it has so many bytes. */
const PIECE_BYTES = 1024 * 1024;

/** What is written behind a line, at most. */
const MAX_ADDED_BYTES = 2 * MAX_PART_BYTES;

/**
 * Passes any log through and writes what is known about the first address of each line behind it: as words, or, where
 * the line is a JSON object, as one more field. Lines without an address go through as they are, byte by byte.
 */
export function createAnnotator(deps: AnnotatorDeps): ChunkEngine {
  return new Annotator(deps);
}

class Annotator implements ChunkEngine {
  readonly #deps: AnnotatorDeps;
  readonly #memory = new BulkMemory(FRAGMENT_BYTES, RECENT_BYTES);
  readonly #recent = new RecentAnswers(this.#memory.bytes, this.#memory.ownAt);
  /** For each line of the batch where its recent answer is, and how long; -1 without one. */
  readonly #recentAt = new Int32Array(BATCH_LINES);
  readonly #recentLengths = new Int32Array(BATCH_LINES);
  readonly #batch = new LogBatch();
  readonly #answers: BatchAnswers;
  readonly #locals: readonly (readonly [plain: Span, json: Span])[];
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #entries = 0;
  #skip = 0;
  #tally = new PieceTally();

  constructor(deps: AnnotatorDeps) {
    const { form, index } = deps;
    this.#deps = deps;
    this.#answers = new BatchAnswers(index, this.#memory, {
      place: (facts) => pairOf(form.place(facts)),
      origin: (facts) => pairOf(form.origin(facts)),
    });
    this.#locals = SCOPES.map((scope) => {
      const { plain, json } = form.local(scope);
      return [this.#memory.share(plain), this.#memory.share(json)];
    });
  }

  *process(chunk: BulkChunk, options: ChunkOptions = {}): Generator<BulkPiece, boolean> {
    if (chunk.kind !== "lines") throw new TypeError("Cannot annotate items: lines are needed");
    this.#entries = 0;
    this.#skip = options.skip ?? 0;
    this.#bytes = chunk.bytes;
    this.#drop();
    if (chunk.isRaw === true) {
      if (this.#skip === 0) yield { ...this.#take(), bytes: chunk.bytes, entries: 1 };
      return true;
    }
    const batch = this.#batch;
    batch.start(chunk.bytes);
    for (batch.fill(); batch.count > 0; batch.fill()) {
      this.#lookUp();
      for (let i = 0; i < batch.count; i++) {
        const length = batch.nexts[i]! - batch.starts[i]!;
        const room = OUTPUT_BYTES - MAX_ADDED_BYTES;
        if (this.#at > 0 && this.#at + length > room) yield this.#take();
        if (length > room) yield* this.#passLong(i);
        else this.#write(i);
        this.#count();
      }
      if (this.#at >= PIECE_BYTES) yield this.#take();
    }
    if (this.#at > 0) yield this.#take();
    return true;
  }

  #lookUp(): void {
    const { clock } = this.#deps;
    const startedMs = clock.elapsed();
    const known = this.#findRecent();
    const asked = this.#answers.lookUp(this.#batch) + known;
    if (asked > 0) this.#tally.timings.push((clock.elapsed() - startedMs) / asked, asked);
  }

  /** Takes lines whose answers are at hand out of the look-up; returns how many. */
  #findRecent(): number {
    const { count, scopes, bits, addresses, isJson } = this.#batch;
    const starts = this.#recentAt;
    let known = 0;
    for (let i = 0; i < count; i++) {
      const isPlain = scopes[i] === 0 && isJson[i] === 0 && addresses[i] === null;
      starts[i] = isPlain ? this.#recent.find(bits[i]!) : -1;
      if (starts[i]! < 0) continue;
      this.#recentLengths[i] = this.#recent.length;
      scopes[i] = AS_TEXT;
      known++;
    }
    return known;
  }

  /** Writes a line with what is known about its address. */
  #write(i: number): void {
    const { starts, ends, nexts, isJson, scopes } = this.#batch;
    const kind = this.#answers.kinds[i]!;
    const start = starts[i]!;
    const next = nexts[i]!;
    const recent = this.#recentAt[i]!;
    if (recent >= 0) {
      this.#copyLine(start, ends[i]!);
      this.#copy({ start: recent, length: this.#recentLengths[i]! });
      this.#copyLine(ends[i]!, next);
      this.#tally.asked++;
      this.#tally.hits++;
      return;
    }
    if (kind === TEXT) {
      if (scopes[i] !== AS_TEXT) this.#countFailure(i);
      this.#copyLine(start, next);
      return;
    }
    const end = ends[i]!;
    const which = isJson[i]!;
    this.#copyLine(start, end);
    if (kind === LOCAL) this.#copy(this.#locals[scopes[i]!]![which]!);
    else this.#copyFacts(i, which === 1);
    this.#copyLine(end, next);
    this.#tally.local += kind === LOCAL ? 1 : 0;
    this.#tally.asked += kind === LOCAL ? 0 : 1;
    if (kind === HIT) this.#tally.hits++;
    else if (kind !== LOCAL) this.#tally.misses++;
  }

  #copyFacts(i: number, isJson: boolean): void {
    const { places, origins, kinds } = this.#answers;
    const from = this.#at;
    for (const { starts, lengths } of [places, origins]) {
      const first = lengths[i]! >>> 16;
      const start = isJson ? starts[i]! + first : starts[i]!;
      const length = isJson ? lengths[i]! & 0xffff : first;
      this.#memory.bytes.copyWithin(this.#at, start, start + length);
      this.#at += length;
    }
    const isKept = !isJson && kinds[i] === HIT && this.#batch.addresses[i] === null;
    if (isKept) this.#recent.keep(this.#batch.bits[i]!, from, this.#at);
  }

  #copy({ start, length }: Span): void {
    this.#memory.bytes.copyWithin(this.#at, start, start + length);
    this.#at += length;
  }

  #copyLine(start: number, end: number): void {
    const out = this.#memory.bytes;
    const bytes = this.#bytes;
    if (end - start < 8) {
      for (let k = start; k < end; k++) out[this.#at++] = bytes[k]!;
      return;
    }
    out.set(bytes.subarray(start, end), this.#at);
    this.#at += end - start;
  }

  /** A line that has no room goes out as it is. */
  *#passLong(i: number): Generator<BulkPiece, void> {
    const { starts, nexts } = this.#batch;
    const line = this.#bytes.subarray(starts[i]!, nexts[i]!);
    if (this.#entries >= this.#skip) yield { ...this.#take(), bytes: line, entries: this.#entries + 1 };
  }

  #countFailure(i: number): void {
    const address: IpAddress = this.#batch.addresses[i] ?? ipv4FromBits(this.#batch.bits[i]!);
    const checkedAt = formatInstant(this.#deps.clock.now());
    this.#tally.asked++;
    this.#tally.add("maxmind", this.#deps.maxmind.lookUp(address, checkedAt));
  }

  #take(): BulkPiece {
    const bytes = this.#memory.bytes.subarray(0, this.#at);
    const piece = { bytes, entries: this.#entries, counts: this.#tally };
    this.#drop();
    return piece;
  }

  #drop(): void {
    this.#at = 0;
    this.#tally = new PieceTally();
  }

  #count(): void {
    this.#entries++;
    this.#tally.inputs++;
    if (this.#entries <= this.#skip) this.#drop();
  }
}

function pairOf({ plain, json }: AnnotationTexts): readonly [string, string] {
  return [plain, json];
}

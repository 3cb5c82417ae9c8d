import { setImmediate } from "node:timers/promises";
import type { EnrichSummary } from "@ipcascade/core";
import { type BulkChunk, type BulkPiece, type ChunkEngine, RunTally } from "@ipcascade/operations/offline";
import type { ServingPair } from "../watched_maxmind.ts";
import { createEngine, type EngineSpec } from "./engines.ts";
import { WorkerPool } from "./worker_pool.ts";
import type { SharedEditions } from "./worker_messages.ts";

/** Bytes of input that are worked on before threads are started: each of them encodes every record anew. */
const BYTES_BEFORE_WORKERS = 16 * 1024 * 1024;

/** An input that pauses for longer keeps one thread from being busy: what came before does not count. */
const PAUSE_MS = 1_000;

/** What a run needs. */
export interface BulkRunDeps {
  readonly spec: EngineSpec;
  /** The editions that serve now: asked before each chunk. Never null. */
  readonly editions: () => ServingPair;
  /** Threads besides this one; below 2 there are none. */
  readonly workers: number;
  readonly stop: AbortSignal;
  /** Writes bytes; they may be written over when it resolves. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Tells that nobody reads the output any more. */
  readonly isGone: () => boolean;
  /** Told of every piece: inputs so far. */
  readonly onProgress: (inputs: number) => void;
  /** Told once when threads can't be used; the run goes on without them. */
  readonly onBroken: (error: Error) => void;
  /** Runs after each chunk of this thread. */
  readonly relieve: () => void;
  /** Module of the threads; another one is for tests. */
  readonly workerModule?: URL;
  /** Bytes of input before threads are started. Default 16 MiB. */
  readonly bytesBeforeWorkers?: number;
  /** Waits for threads to start; else this one goes on alone until they have. */
  readonly waitsForWorkers?: boolean;
}

/**
 * Works chunks off in their order, in this thread at first and in several ones once the input turns out to be large.
 * Memory is bounded: no more is read than what waits to be written leaves room for.
 */
export class BulkRun {
  readonly #deps: BulkRunDeps;
  readonly #tally = new RunTally(performance.now());
  #engine: { readonly editions: ServingPair; readonly engine: ChunkEngine } | null = null;
  #pool: WorkerPool | null = null;
  #poolEditions: ServingPair | null = null;
  #mayUseWorkers: boolean;
  #busyBytes = 0;
  #inputs = 0;
  #isCut = false;
  #lastMs = performance.now();

  /** Starts nothing yet. */
  constructor(deps: BulkRunDeps) {
    this.#deps = deps;
    this.#mayUseWorkers = deps.workers > 1;
  }

  /** Works on all chunks and writes what comes of them. Throws what reading and writing throw. */
  async work(chunks: AsyncIterable<BulkChunk>): Promise<void> {
    try {
      for await (const chunk of chunks) {
        await this.#take(chunk);
        if (this.#isOver()) break;
      }
      await this.#settle();
    } finally {
      await this.#pool?.close();
    }
  }

  /** The report so far. */
  summary(): EnrichSummary {
    this.#tally.stopped = this.#deps.stop.aborted;
    return this.#tally.summarise(performance.now());
  }

  #isOver(): boolean {
    return this.#deps.isGone() || this.#isCut || this.#pool?.isCut === true;
  }

  async #take(chunk: BulkChunk): Promise<void> {
    this.#startWorkers(chunk);
    const pool = this.#pool;
    if (this.#deps.waitsForWorkers === true) await pool?.whenStarted();
    if (pool === null || (!pool.isReady && pool.broken === null)) return await this.#process(chunk);
    if (pool.broken === null) {
      this.#passEditions(pool);
      // The threads have all there is to do: what this one kept is not needed any more.
      this.#engine = null;
      await pool.submit(chunk);
      if (pool.broken === null) return;
      return await this.#fallBack(pool);
    }
    await this.#fallBack(pool);
    await this.#process(chunk);
  }

  /** Waits for the threads. */
  async #settle(): Promise<void> {
    const pool = this.#pool;
    if (pool === null) return;
    if (!this.#isOver()) await pool.drain();
    if (pool.broken !== null && !this.#isOver()) await this.#fallBack(pool);
  }

  /** Does in this thread what the others left. */
  async #fallBack(pool: WorkerPool): Promise<void> {
    this.#deps.onBroken(pool.broken!);
    this.#pool = null;
    this.#mayUseWorkers = false;
    for (const { chunk, written } of await pool.close()) {
      if (!this.#isOver()) await this.#process(chunk, written);
    }
  }

  #startWorkers(chunk: BulkChunk): void {
    if (!this.#mayUseWorkers || this.#pool !== null) return;
    const now = performance.now();
    if (now - this.#lastMs > PAUSE_MS) this.#busyBytes = 0;
    this.#busyBytes += chunk.kind === "lines" ? chunk.bytes.length : chunk.items.length * 16;
    const { bytesBeforeWorkers = BYTES_BEFORE_WORKERS, spec, workers, stop, workerModule } = this.#deps;
    if (this.#busyBytes < bytesBeforeWorkers) return;
    this.#poolEditions = this.#deps.editions();
    try {
      this.#pool = new WorkerPool({
        spec,
        editions: shareEditions(this.#poolEditions),
        workers,
        stop,
        write: (piece) => this.#write(piece),
        module: workerModule,
      });
    } catch (error) {
      this.#mayUseWorkers = false;
      this.#deps.onBroken(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #passEditions(pool: WorkerPool): void {
    const editions = this.#deps.editions();
    if (editions === this.#poolEditions) return;
    this.#poolEditions = editions;
    pool.setEditions(shareEditions(editions));
  }

  async #process(chunk: BulkChunk, skip = 0): Promise<void> {
    const { stop } = this.#deps;
    const pieces = this.#openEngine().process(chunk, { skip, isStopped: () => stop.aborted });
    let next = pieces.next();
    for (; next.done !== true; next = pieces.next()) {
      await this.#write(next.value);
      // Signals and the news that the reader left arrive only between turns.
      await setImmediate();
      if (this.#deps.isGone()) return;
    }
    this.#isCut = !next.value;
    this.#deps.relieve();
    this.#lastMs = performance.now();
  }

  #openEngine(): ChunkEngine {
    const editions = this.#deps.editions();
    if (this.#engine?.editions === editions) return this.#engine.engine;
    const databases = { city: editions.city?.database ?? null, asn: editions.asn?.database ?? null };
    this.#engine = { editions, engine: createEngine(this.#deps.spec, databases) };
    return this.#engine.engine;
  }

  async #write({ bytes, counts }: BulkPiece): Promise<void> {
    await this.#deps.write(bytes);
    this.#tally.addPiece(counts);
    this.#inputs += counts.inputs;
    this.#deps.onProgress(this.#inputs);
  }
}

function shareEditions({ city, asn }: ServingPair): SharedEditions {
  return { city: city === null ? null : share(city.bytes), asn: asn === null ? null : share(asn.bytes) };
}

/** The bytes in memory that threads can share; they mostly are there already, and nothing else with them. */
function share(bytes: Uint8Array): SharedArrayBuffer {
  const { buffer } = bytes;
  if (buffer instanceof SharedArrayBuffer && buffer.byteLength === bytes.byteLength) return buffer;
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

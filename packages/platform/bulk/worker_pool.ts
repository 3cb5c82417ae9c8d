import type { Worker } from "node:worker_threads";
import type { BulkChunk, BulkPiece } from "@ipcascade/operations";
import type { EngineSpec } from "./engines.ts";
import { startWorker } from "./start_worker.ts";
import {
  type FromWorker,
  type SentChunk,
  type SharedEditions,
  SLOT_BYTES,
  SLOTS,
  type ToWorker,
  type WorkerPiece,
} from "./worker_messages.ts";

/** Chunks that a worker has at hand: one to work on, and one to go on with at once. */
const CHUNKS_PER_WORKER = 2;

/** A chunk that was handed out and is not written to its end. */
export interface OpenChunk {
  readonly chunk: BulkChunk;
  /** Its records that were written. */
  readonly written: number;
}

/** A chunk whose bytes are a whole buffer of its own. */
type OwnChunk =
  | (Extract<BulkChunk, { readonly kind: "lines" }> & { readonly bytes: Uint8Array<ArrayBuffer> })
  | Extract<BulkChunk, { readonly kind: "items" }>;

interface Job {
  readonly id: number;
  readonly chunk: BulkChunk;
  readonly thread: Thread;
  readonly pieces: WorkerPiece[];
  written: number;
  /** Null while the worker is at it. */
  isWhole: boolean | null;
}

interface Thread {
  readonly worker: Worker;
  readonly slots: SharedArrayBuffer;
  isReady: boolean;
  jobs: number;
}

/** What a pool needs. */
export interface PoolOptions {
  readonly spec: EngineSpec;
  readonly editions: SharedEditions;
  readonly workers: number;
  readonly stop: AbortSignal;
  /** Takes the pieces in the order of the chunks; the next one follows when it resolves. */
  readonly write: (piece: BulkPiece) => Promise<void>;
  /** Module of the worker; another one is for tests. */
  readonly module?: URL;
}

/** Threads that work on chunks side by side. What they give is written in the order in which chunks were handed out. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #threads: readonly Thread[];
  readonly #stopWord = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #onStop = () => void Atomics.store(new Int32Array(this.#stopWord), 0, 1);
  readonly #jobs: Job[] = [];
  #nextId = 0;
  #broken: Error | null = null;
  #isClosed = false;
  #failure: { readonly error: unknown } | null = null;
  #isCut = false;
  #waiting: (() => void)[] = [];
  readonly #writing: Promise<void>;

  /** Starts the threads; `isReady` tells when they take chunks. */
  constructor(options: PoolOptions) {
    this.#options = options;
    options.stop.addEventListener("abort", this.#onStop, { once: true });
    if (options.stop.aborted) this.#onStop();
    this.#threads = Array.from({ length: options.workers }, () => this.#start());
    this.#writing = this.#writeAll();
  }

  /** True once every thread takes chunks. */
  get isReady(): boolean {
    return this.#broken === null && this.#threads.every(({ isReady }) => isReady);
  }

  /** Resolves once every thread takes chunks, or they can't be used. */
  async whenStarted(): Promise<void> {
    while (!this.isReady && this.#broken === null) await this.#change();
  }

  /** Why it takes no more chunks: a thread died or did not start; null while all is well. */
  get broken(): Error | null {
    return this.#broken;
  }

  /** True when a stop cut a chunk: nothing after it is written. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** From the next chunk on these editions serve. */
  setEditions(editions: SharedEditions): void {
    for (const thread of this.#threads) this.#tell(thread, { kind: "editions", editions });
  }

  /** Hands a copy of a chunk out; resolves when the next one may come. Throws what writing threw. */
  async submit(given: BulkChunk): Promise<void> {
    // Who reads may write over the bytes; here they are needed until what comes of them is written.
    const chunk: OwnChunk = given.kind === "lines" ? { ...given, bytes: new Uint8Array(given.bytes) } : given;
    const thread = this.#threads.reduce((a, b) => b.jobs < a.jobs ? b : a);
    const job: Job = { id: this.#nextId++, chunk, thread, pieces: [], written: 0, isWhole: null };
    this.#jobs.push(job);
    thread.jobs++;
    this.#tell(thread, { kind: "chunk", id: job.id, chunk: sendChunk(chunk) });
    await this.#until(() => this.#jobs.length < this.#threads.length * CHUNKS_PER_WORKER);
  }

  /** Resolves when all chunks are written, or none is written any more. Throws what writing threw. */
  async drain(): Promise<void> {
    await this.#until(() => this.#jobs.length === 0);
  }

  /** Ends the threads; gives the chunks that are not written to their end, in their order. */
  async close(): Promise<readonly OpenChunk[]> {
    this.#isClosed = true;
    this.#wake();
    this.#options.stop.removeEventListener("abort", this.#onStop);
    await this.#writing;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    return this.#isCut ? [] : this.#jobs.map(({ chunk, written }) => ({ chunk, written }));
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue() && this.#isWriting()) await this.#change();
    if (this.#failure !== null) throw this.#failure.error;
  }

  #isWriting(): boolean {
    return this.#failure === null && this.#broken === null && !this.#isCut && !this.#isClosed;
  }

  #start(): Thread {
    const { module, spec, editions } = this.#options;
    const slots = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
    const worker = startWorker(module ?? new URL("./worker.ts", import.meta.url));
    const thread: Thread = { worker, slots, isReady: false, jobs: 0 };
    worker.on("message", (message: FromWorker) => this.#receive(thread, message));
    worker.on("error", (error: Error) => this.#break(error));
    worker.on("exit", (status: number) => this.#break(new Error(`A worker ended with status ${status}`)));
    this.#tell(thread, { kind: "start", spec, slots, stop: this.#stopWord });
    this.#tell(thread, { kind: "editions", editions });
    return thread;
  }

  #tell({ worker }: Thread, message: ToWorker): void {
    worker.postMessage(message);
  }

  #receive(thread: Thread, message: FromWorker): void {
    if (message.kind === "ready") {
      thread.isReady = true;
      return this.#wake();
    }
    const job = this.#jobs.find(({ id }) => id === message.id);
    if (job === undefined) return;
    if (message.kind === "piece") job.pieces.push(message);
    else {
      job.isWhole = message.isWhole;
      thread.jobs--;
    }
    if (job === this.#jobs[0]) this.#wake();
  }

  #break(error: Error): void {
    if (this.#isClosed) return;
    this.#broken ??= error;
    this.#wake();
  }

  async #writeAll(): Promise<void> {
    while (this.#isWriting()) {
      const job = this.#jobs[0];
      const piece = job?.pieces.shift();
      try {
        if (piece !== undefined) await this.#writePiece(job!, piece);
        else if (job === undefined || job.isWhole === null) await this.#change();
        else this.#finish(job);
      } catch (error) {
        this.#failure = { error };
      }
    }
    this.#wake();
  }

  async #writePiece(job: Job, { slot, length, buffer, entries, counts }: WorkerPiece): Promise<void> {
    const bytes = buffer === null
      ? new Uint8Array(job.thread.slots, slot * SLOT_BYTES, length)
      : new Uint8Array(buffer);
    await this.#options.write({ bytes, entries, counts });
    job.written = entries;
    this.#tell(job.thread, { kind: "slot", slot });
  }

  #finish(job: Job): void {
    this.#jobs.shift();
    if (job.isWhole === false) this.#isCut = true;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function sendChunk(chunk: OwnChunk): SentChunk {
  if (chunk.kind === "items") return chunk;
  const { kind, name, firstLine, bytes, raw = null } = chunk;
  return { kind, name, firstLine, raw, buffer: bytes.buffer };
}

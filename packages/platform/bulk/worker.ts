/** A thread that turns chunks into pieces of output; started by `WorkerPool`. */
import { parentPort } from "node:worker_threads";
import type { BulkChunk, BulkPiece, ChunkEngine } from "@ipcascade/operations";
import { openMmdb } from "@ipcascade/sources/maxmind";
import { createEngine, type EngineSpec } from "./engines.ts";
import {
  type FromWorker,
  type SentChunk,
  type SharedEditions,
  SLOT_BYTES,
  SLOTS,
  type ToWorker,
} from "./worker_messages.ts";

type Job = Extract<ToWorker, { readonly kind: "chunk" | "editions" }>;

class BulkWorker {
  readonly #send: (message: FromWorker) => void;
  readonly #jobs: Job[] = [];
  readonly #free: number[] = Array.from({ length: SLOTS }, (_, slot) => slot);
  #spec: EngineSpec | null = null;
  #slots: Uint8Array = new Uint8Array(0);
  #stop: Int32Array = new Int32Array(1);
  #engine: ChunkEngine | null = null;
  #isWorking = false;
  #onFree: () => void = () => {};

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case "start":
        this.#spec = message.spec;
        this.#slots = new Uint8Array(message.slots);
        this.#stop = new Int32Array(message.stop);
        return this.#send({ kind: "ready" });
      case "slot":
        this.#free.push(message.slot);
        return this.#onFree();
      case "chunk":
      case "editions":
        this.#jobs.push(message);
        if (!this.#isWorking) void this.#work();
    }
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      if (job.kind === "editions") this.#engine = createEngine(this.#spec!, open(job.editions));
      else await this.#process(job.id, receiveChunk(job.chunk));
    }
    this.#isWorking = false;
  }

  async #process(id: number, chunk: BulkChunk): Promise<void> {
    const pieces = this.#engine!.process(chunk, { isStopped: () => Atomics.load(this.#stop, 0) !== 0 });
    let next = pieces.next();
    for (; next.done !== true; next = pieces.next()) await this.#give(id, next.value);
    this.#send({ kind: "done", id, isWhole: next.value });
  }

  async #give(id: number, { bytes, entries, counts }: BulkPiece): Promise<void> {
    while (this.#free.length === 0) await new Promise<void>((resolve) => this.#onFree = resolve);
    const slot = this.#free.pop()!;
    const isLarge = bytes.length > SLOT_BYTES;
    if (!isLarge) this.#slots.set(bytes, slot * SLOT_BYTES);
    const { length } = bytes;
    const buffer = isLarge ? new Uint8Array(bytes).buffer : null;
    this.#send({ kind: "piece", id, slot, length, buffer, entries, counts });
  }
}

function receiveChunk(sent: SentChunk): BulkChunk {
  if (sent.kind === "items") return sent;
  const { kind, name, firstLine, buffer, raw } = sent;
  return { kind, name, firstLine, raw, bytes: new Uint8Array(buffer) };
}

function open({ city, asn }: SharedEditions): Parameters<typeof createEngine>[1] {
  return {
    city: city === null ? null : openMmdb(new Uint8Array(city)),
    asn: asn === null ? null : openMmdb(new Uint8Array(asn)),
  };
}

if (parentPort !== null) {
  const port = parentPort;
  const worker = new BulkWorker((message) => port.postMessage(message));
  port.on("message", (message: ToWorker) => worker.receive(message));
}

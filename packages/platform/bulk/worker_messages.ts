import type { BulkChunk, PieceCounts, RawBytes } from "@ipcascade/operations";
import type { EngineSpec } from "./engines.ts";

/** Whole editions in memory that threads share; null where one is not installed. */
export interface SharedEditions {
  readonly city: SharedArrayBuffer | null;
  readonly asn: SharedArrayBuffer | null;
}

/** A chunk as it is sent. Messages hold buffers instead of views: Deno looks at every element of a view. */
export type SentChunk =
  | {
    readonly kind: "lines";
    readonly name: string;
    readonly firstLine: number;
    readonly buffer: ArrayBuffer;
    readonly raw: RawBytes | null;
  }
  | Extract<BulkChunk, { readonly kind: "items" }>;

/** Bytes of a slot: a piece of output. A larger piece is handed over by itself. */
export const SLOT_BYTES = 2 * 1024 * 1024;

/** Pieces that a worker may be ahead of the writing. */
export const SLOTS = 6;

/** What a worker is told. */
export type ToWorker =
  /** First: what to do, where the pieces go (`SLOTS` of them), and a word that is not 0 once the run is stopped. */
  | {
    readonly kind: "start";
    readonly spec: EngineSpec;
    readonly slots: SharedArrayBuffer;
    readonly stop: SharedArrayBuffer;
  }
  /** From the next chunk on these serve. */
  | { readonly kind: "editions"; readonly editions: SharedEditions }
  | { readonly kind: "chunk"; readonly id: number; readonly chunk: SentChunk }
  /** A piece was written; its slot is free. */
  | { readonly kind: "slot"; readonly slot: number };

/** A piece of output from a worker. */
export interface WorkerPiece {
  readonly kind: "piece";
  /** Of the chunk. */
  readonly id: number;
  readonly slot: number;
  readonly length: number;
  /** The piece itself where it is larger than a slot; else null. */
  readonly buffer: ArrayBuffer | null;
  readonly entries: number;
  readonly counts: PieceCounts;
}

/** What a worker tells. */
export type FromWorker =
  | { readonly kind: "ready" }
  | WorkerPiece
  /** All pieces of the chunk are out; `isWhole` is false when a stop cut it. */
  | { readonly kind: "done"; readonly id: number; readonly isWhole: boolean };

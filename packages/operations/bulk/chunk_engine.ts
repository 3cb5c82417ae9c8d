import type { InputItem } from "../inputs.ts";
import type { PieceCounts } from "./piece_tally.ts";

/** A part of an input: whole lines of it, or items that a reader found. */
export type BulkChunk =
  | {
    readonly kind: "lines";
    /** Of the input, for messages. */
    readonly name: string;
    /** Number of the first line, from 1. */
    readonly firstLine: number;
    /** Whole lines; the last one may lack its line feed. */
    readonly bytes: Uint8Array;
    /** Where the bytes are only passed through, by who passes through: a line that is too long begins, or anything else. */
    readonly raw?: RawBytes | null;
  }
  | { readonly kind: "items"; readonly items: readonly InputItem[] };

/** What raw bytes are: the beginning of a line that is too long, or what counts as no line of its own. */
export type RawBytes = "long" | "rest";

/** A piece of output: whole records. */
export interface BulkPiece {
  /** The engine's memory: read it before the next piece is asked for. */
  readonly bytes: Uint8Array;
  /** Records of the chunk so far, this piece's among them; what `skip` takes. */
  readonly entries: number;
  readonly counts: PieceCounts;
}

/** How a chunk is worked on. */
export interface ChunkOptions {
  /** Records from the start of the chunk that are left out: an `entries` that an engine gave for the same chunk. */
  readonly skip?: number;
  /** Asked now and then; true ends the chunk early, which the generator's end then tells. */
  readonly isStopped?: () => boolean;
}

/** Turns chunks of input into pieces of output. One chunk at a time. */
export interface ChunkEngine {
  /** Gives the pieces in order; returns whether the chunk was worked on to its end. */
  process(chunk: BulkChunk, options?: ChunkOptions): Generator<BulkPiece, boolean>;
}

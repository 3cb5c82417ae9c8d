import type { RefreshStore, RowFilter, SourceName } from "@ipcascade/core";
import type { EnrichDeps } from "../deps.ts";

/** What refreshing works with. */
export interface RefreshDeps extends EnrichDeps {
  readonly refresh: RefreshStore;
}

/** A batch is done. */
export interface RefreshProgress {
  readonly source: SourceName;
  /** Rows of the batch that have a new answer, misses included. */
  readonly refreshed: number;
  /** Those of the run so far. */
  readonly total: number;
}

/** What a refresh may do; everything has a default. */
export interface RefreshOptions {
  /** Default all, in the order of the cascade. */
  readonly sources?: readonly SourceName[];
  /** Rows that each source is asked about at most. Default no limit. */
  readonly limit?: number | null;
  /** Rows taken, asked about and stored together. Default by source: 5 000 MaxMind, 1 000 Cymru, 500 GreyNoise. */
  readonly batchSize?: number | null;
  /** Default every row. */
  readonly filter?: RowFilter;
  /** Asks about rows that are not due, too. Default false. */
  readonly force?: boolean;
  /** Part of GreyNoise's quota, 0 to 1, that the run may bring the counter up to. Default all of it. */
  readonly share?: number;
  /** Batches that are read from MaxMind's editions and written at once. Default 1. */
  readonly lanes?: number;
  /** Finishes the batch in hand, then ends. */
  readonly stop?: AbortSignal;
  /** Gives up requests under way as well. */
  readonly abort?: AbortSignal;
  readonly onProgress?: (progress: RefreshProgress) => void;
}

/** The options of one source's run, with every default filled in. */
export interface SourceRun {
  readonly now: number;
  readonly limit: number;
  readonly batchSize: number;
  readonly filter: RowFilter;
  readonly force: boolean;
  readonly lanes: number;
  readonly share?: number;
  readonly stop?: AbortSignal;
  readonly abort?: AbortSignal;
  readonly onProgress?: (progress: RefreshProgress) => void;
}

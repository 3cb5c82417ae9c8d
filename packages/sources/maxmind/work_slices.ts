import type { Clock } from "@ipcascade/core";

/** Longest stretch of work between two pauses: what a server's answers may be late by. */
const SLICE_MS = 10;

/** What slicing needs. */
export interface WorkSlicesDeps {
  /** Measures the slices. */
  readonly clock: Pick<Clock, "elapsed">;
  /** Resolves after other work that is due had its turn. */
  readonly pause: () => Promise<void>;
}

/** Divides long work into slices, so that what else the process does is not held up. */
export class WorkSlices {
  readonly #deps: WorkSlicesDeps;
  readonly #signal: AbortSignal | undefined;
  #startedAt: number;

  /** Begins the first slice. */
  constructor(deps: WorkSlicesDeps, signal?: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#startedAt = deps.clock.elapsed();
  }

  /** To be called between small parts of the work: pauses when the slice is over. Throws the signal's reason. */
  async next(): Promise<void> {
    if (this.#signal?.aborted) throw this.#signal.reason;
    const { clock } = this.#deps;
    if (clock.elapsed() - this.#startedAt < SLICE_MS) return;
    await this.pause();
  }

  /** To be called before a part that is long itself: pauses at once. Throws the signal's reason. */
  async pause(): Promise<void> {
    const { clock, pause } = this.#deps;
    await pause();
    if (this.#signal?.aborted) throw this.#signal.reason;
    this.#startedAt = clock.elapsed();
  }
}

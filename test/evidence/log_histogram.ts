/** Each bucket is this much wider than the one before: quantiles are right to a percent. */
const GROWTH = 1.01;
const BUCKETS = 2_100;
const LOG_GROWTH = Math.log(GROWTH);

/** Counts durations in buckets that grow, from a microsecond to a quarter of an hour. */
export class LogHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #max = 0;

  /** Counts one, in milliseconds. */
  add(ms: number): void {
    const index = Math.ceil(Math.log(Math.max(1, ms * 1_000)) / LOG_GROWTH);
    this.#counts[Math.min(index, BUCKETS - 1)]!++;
    this.#count++;
    if (ms > this.#max) this.#max = ms;
  }

  get count(): number {
    return this.#count;
  }

  /** The longest, in milliseconds. */
  get max(): number {
    return this.#max;
  }

  /** The upper bound of the bucket of a quantile such as 0.99, in milliseconds; 0 when nothing was counted. */
  quantile(share: number): number {
    let left = share * this.#count;
    for (let index = 0; index < BUCKETS; index++) {
      left -= this.#counts[index]!;
      if (left <= 0) return this.#count === 0 ? 0 : Math.min(this.#max, GROWTH ** index / 1_000);
    }
    return this.#max;
  }
}

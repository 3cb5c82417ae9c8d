/** Mean and 95th percentile in milliseconds; both null when nothing was measured. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number | null;
  readonly p95Ms: number | null;
}

// Buckets grow by 5 %, from 1 µs to beyond an hour: a quantile is off by at most 2.5 %.
const GROWTH = Math.log(1.05);
const SMALLEST_MS = 0.001;
const BUCKETS = 460;

/** A histogram of durations in constant memory. */
export class LatencyHistogram {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #sumMs = 0;
  #leastMs = Infinity;
  #mostMs = 0;

  /** Adds `times` measurements of `durationMs` each. */
  add(durationMs: number, times = 1): void {
    this.#count += times;
    this.#sumMs += durationMs * times;
    if (durationMs < this.#leastMs) this.#leastMs = durationMs;
    if (durationMs > this.#mostMs) this.#mostMs = durationMs;
    const index = durationMs <= SMALLEST_MS ? 0 : Math.ceil(Math.log(durationMs / SMALLEST_MS) / GROWTH);
    this.#buckets[Math.min(index, BUCKETS - 1)]! += times;
  }

  /** Mean and 95th percentile of what was added so far. */
  summarise(): LatencySummary {
    if (this.#count === 0) return { count: 0, meanMs: null, p95Ms: null };
    return { count: this.#count, meanMs: this.#sumMs / this.#count, p95Ms: this.#quantile(0.95) };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#count * share);
    let index = 0;
    while (index < BUCKETS - 1 && (left -= this.#buckets[index]!) > 0) index++;
    const middleMs = SMALLEST_MS * Math.exp((index - 0.5) * GROWTH);
    // A bucket's middle may lie outside of what was measured, as that of a single measurement does.
    return Math.min(Math.max(middleMs, this.#leastMs), this.#mostMs);
  }
}

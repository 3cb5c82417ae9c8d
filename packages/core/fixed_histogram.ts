import type { MetricHistogram, MetricLabels } from "./metric.ts";

/** A histogram with fixed bounds, in constant memory. Adding costs a few comparisons. */
export class FixedHistogram {
  readonly #bounds: readonly number[];
  readonly #buckets: Float64Array;
  #sum = 0;
  #count = 0;

  /** `bounds` ascend; each is the largest value of its bucket. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#buckets = new Float64Array(bounds.length);
  }

  /** Adds one measurement. What is no number is none; what is below zero, by a clock that went back, is zero. */
  add(value: number): void {
    if (Number.isNaN(value)) return;
    const measured = value > 0 ? value : 0;
    this.#sum += measured;
    this.#count++;
    const bounds = this.#bounds;
    for (let index = 0; index < bounds.length; index++) {
      if (measured <= bounds[index]!) {
        this.#buckets[index]!++;
        return;
      }
    }
  }

  /** What was added so far. */
  read(labels: MetricLabels): MetricHistogram {
    let count = 0;
    const buckets = this.#bounds.map((upper_bound, index) => ({
      upper_bound,
      count: count += this.#buckets[index]!,
    }));
    return { labels, buckets, sum: this.#sum, count: this.#count };
  }
}

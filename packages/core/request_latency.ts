/** Lower bound of the second bucket: the first one holds what takes a microsecond or less. */
const SMALLEST_MS = 0.001;
const GROWTH = Math.log(1.25);

/** Buckets of a histogram of durations: each ends 25 % above the one before, the last one takes all above 90 s. */
export const LATENCY_BUCKETS = 84;

/** The bucket of a duration. */
export function latencyBucket(durationMs: number): number {
  if (!(durationMs > SMALLEST_MS)) return 0;
  return Math.min(Math.ceil(Math.log(durationMs / SMALLEST_MS) / GROWTH), LATENCY_BUCKETS - 1);
}

/** What durations come to; null where there are none. A percentile is off by an eighth at most. */
export interface LatencyFigures {
  readonly meanMs: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Mean and percentiles of durations in buckets; `sumMs` is all of them together. */
export function latencyFigures(buckets: readonly number[], sumMs: number): LatencyFigures {
  const count = buckets.reduce((sum, times) => sum + times, 0);
  if (count === 0) return { meanMs: null, p50Ms: null, p95Ms: null, p99Ms: null };
  return {
    meanMs: sumMs / count,
    p50Ms: quantile(buckets, Math.ceil(count * 0.5)),
    p95Ms: quantile(buckets, Math.ceil(count * 0.95)),
    p99Ms: quantile(buckets, Math.ceil(count * 0.99)),
  };
}

/** The middle of the bucket that holds the duration of a rank, 1 being the shortest one. */
function quantile(buckets: readonly number[], rank: number): number {
  let left = rank;
  let index = 0;
  while (index < buckets.length - 1 && (left -= buckets[index]!) > 0) index++;
  return index === 0 ? SMALLEST_MS : SMALLEST_MS * Math.exp((index - 0.5) * GROWTH);
}

/** Adds histograms up. */
export function addBuckets(histograms: readonly (readonly number[])[]): number[] {
  const sum = new Array<number>(LATENCY_BUCKETS).fill(0);
  for (const buckets of histograms) {
    buckets.forEach((times, index) => sum[Math.min(index, LATENCY_BUCKETS - 1)]! += times);
  }
  return sum;
}

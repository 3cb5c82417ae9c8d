/** How fast a bucket fills and how much it holds. */
export interface BucketRate {
  readonly count: number;
  readonly perMs: number;
  readonly burst: number;
}

/** Buckets by key: each holds a burst and fills evenly. */
export interface TokenBuckets {
  /** Takes one; 0 when it was there, else after how many milliseconds one will be. */
  take(key: string, now: number): number;
  /** Puts one back that was taken. */
  giveBack(key: string): void;
}

interface Bucket {
  level: number;
  at: number;
}

/** Keys that are remembered at once: some 100 bytes each. */
const MAX_KEYS = 10_000;

/** Makes buckets; `now` is in milliseconds of any clock that never goes back. */
export function createTokenBuckets(rate: BucketRate, maxKeys = MAX_KEYS): TokenBuckets {
  const { count, perMs, burst } = rate;
  const perTick = count / perMs;
  const buckets = new Map<string, Bucket>();
  const fill = (bucket: Bucket, now: number) => {
    bucket.level = Math.min(burst, bucket.level + (now - bucket.at) * perTick);
    bucket.at = now;
  };
  const waitOf = ({ level }: Bucket) => level >= 1 ? 0 : Math.max(1, Math.ceil((1 - level) / perTick));
  const add = (key: string, now: number) => {
    if (buckets.size >= maxKeys) makeRoom(buckets, (bucket) => (fill(bucket, now), bucket.level >= burst));
    const bucket = { level: burst, at: now };
    buckets.set(key, bucket);
    return bucket;
  };
  return {
    take: (key, now) => {
      const bucket = buckets.get(key) ?? add(key, now);
      fill(bucket, now);
      const wait = waitOf(bucket);
      if (wait === 0) bucket.level -= 1;
      return wait;
    },
    giveBack: (key) => {
      const bucket = buckets.get(key);
      if (bucket !== undefined) bucket.level = Math.min(burst, bucket.level + 1);
    },
  };
}

/** Forgets the full ones, which is what new ones are; else the oldest tenth. */
function makeRoom(buckets: Map<string, Bucket>, isFull: (bucket: Bucket) => boolean): void {
  const size = buckets.size;
  for (const [key, bucket] of buckets) if (isFull(bucket)) buckets.delete(key);
  if (buckets.size < size) return;
  let left = Math.ceil(size / 10);
  for (const key of buckets.keys()) {
    if (left-- <= 0) return;
    buckets.delete(key);
  }
}

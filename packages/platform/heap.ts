import process from "node:process";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Megabytes of JavaScript heap from which on a long run collects its garbage. */
const HEAP_LIMIT_MB = 96;

/** Of what is left after a collection, how much may come on top before the next one is worth its time. */
const GROWTH = 0.25;

const BYTES_PER_MB = 1_048_576;

type Collect = (
  options?: { readonly type: "major"; readonly execution: "sync"; readonly flavor: string },
) => void;

/**
 * Makes a function that long runs call between batches: it collects garbage once the heap is larger than the limit.
 * V8 would let the heap grow to some 250 MB before its first full collection, however little of it is in use. A heap of
 * which more than the limit is in use is collected again once it has grown by a quarter: a collection takes some
 * hundred milliseconds, and every batch would pay for one. Where the engine offers no collector the function does
 * nothing.
 */
export function createHeapKeeper(limitMb: number = HEAP_LIMIT_MB): () => void {
  if (process.versions.bun !== undefined) return () => {};
  const collect = findCollector();
  if (collect === null) return () => {};
  const minBytes = limitMb * BYTES_PER_MB;
  let limitBytes = minBytes;
  return () => {
    if (getHeapStatistics().total_heap_size < limitBytes) return;
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    limitBytes = Math.max(minBytes, getHeapStatistics().total_heap_size * (1 + GROWTH));
  };
}

function findCollector(): Collect | null {
  try {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    return typeof collect === "function" ? collect as Collect : null;
  } catch {
    return null;
  }
}

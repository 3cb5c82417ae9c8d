import process from "node:process";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Megabytes of JavaScript heap from which on a long run collects its garbage. */
const HEAP_LIMIT_MB = 96;

const BYTES_PER_MB = 1_048_576;

type Collect = (
  options?: { readonly type: "major"; readonly execution: "sync"; readonly flavor: string },
) => void;

/**
 * Makes a function that long runs call between batches: it collects garbage once the heap is larger than the limit.
 * V8 would let the heap grow to some 250 MB before its first full collection, however little of it is in use. Where
 * the engine offers no collector the function does nothing.
 */
export function createHeapKeeper(limitMb: number = HEAP_LIMIT_MB): () => void {
  if (process.versions.bun !== undefined) return () => {};
  const collect = findCollector();
  if (collect === null) return () => {};
  return () => {
    if (getHeapStatistics().total_heap_size < limitMb * BYTES_PER_MB) return;
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
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

/** The most instants in any stretch of `ms`; instants ascend, in milliseconds. */
export function countMost(instants: readonly number[], ms: number): number {
  let most = 0;
  let first = 0;
  instants.forEach((instant, last) => {
    while (instant - instants[first]! >= ms) first++;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

/** The fewest instants in any stretch of `ms` from `start` to `end`. */
export function countLeast(
  instants: readonly number[],
  ms: number,
  { start, end }: { readonly start: number; readonly end: number },
): number {
  // A stretch with fewest begins just after an instant, or with the time itself.
  const begins = [start, ...instants.filter((instant) => instant >= start)].filter((at) => at + ms <= end);
  const counts = begins.map((begin) => instants.filter((at) => at > begin && at <= begin + ms).length);
  return Math.min(...counts);
}

/**
 * A part in percent with two decimals (runbook: `ROUND(…, 2)`), rounded down: what is not all is not 100. Null where
 * there is no whole to be a part of.
 */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.floor((part * 10_000) / whole) / 100;
}

/** How many points one share is above another, with two decimals; null where one of them is not known. */
export function pointsBetween(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : Math.round((after - before) * 100) / 100;
}

/** Time as a port: every function that needs the hour receives one of these. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds of a clock that never goes back, for durations. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A number in [0, 1), as `Math.random` gives; passed in so that jitter can be repeated in tests. */
export type Random = () => number;

/** Milliseconds in a second. */
export const MS_PER_SECOND = 1_000;
/** Milliseconds in a minute. */
export const MS_PER_MINUTE = 60 * MS_PER_SECOND;
/** Milliseconds in an hour. */
export const MS_PER_HOUR = 60 * MS_PER_MINUTE;
/** Milliseconds in a day of UTC, which has no leap second and no summer time. */
export const MS_PER_DAY = 24 * MS_PER_HOUR;

/** The end of year 9999: what RFC 3339 can say, and what stands for "never". */
const LAST_INSTANT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Writes an instant for people, to the minute: `2026-11-24 00:00 UTC`. Takes milliseconds or RFC 3339 in UTC. */
export function formatMinute(instant: number | string): string {
  const text = typeof instant === "string" ? instant : formatInstant(instant);
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

/** Writes an instant as RFC 3339 in UTC with milliseconds; null stays null. */
export function formatInstant(ms: number): string;
/** Writes an instant that may be missing; null stays null. */
export function formatInstant(ms: number | null): string | null;
export function formatInstant(ms: number | null): string | null {
  if (ms === null) return null;
  return new Date(Math.max(0, Math.min(ms, LAST_INSTANT_MS))).toISOString();
}

/** Makes a `formatInstant` that remembers the last text: rows of a batch share their instants. */
export function createInstantWriter(): typeof formatInstant {
  let last = NaN;
  let text = "";
  const write = (ms: number | null): string | null => {
    if (ms === null) return null;
    if (ms !== last) {
      text = formatInstant(ms);
      last = ms;
    }
    return text;
  };
  return write as typeof formatInstant;
}

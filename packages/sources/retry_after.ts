import { MS_PER_DAY, MS_PER_SECOND } from "@ipcascade/core";

/** No plan lasts longer than a month, so no honest server asks for a longer pause. */
const MAX_PAUSE_MS = 31 * MS_PER_DAY;

/**
 * Reads a `Retry-After` header, seconds or an HTTP date, as an instant in milliseconds. Null when it is absent,
 * past or unreadable; at most 31 days ahead.
 */
export function readRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  const instant = /^\d+$/.test(text) ? now + Number(text) * MS_PER_SECOND : readHttpDate(text);
  if (instant === null || instant <= now) return null;
  return Math.min(instant, now + MAX_PAUSE_MS);
}

function readHttpDate(text: string): number | null {
  // Every form of RFC 9110 names the month; bare numbers would be read as years.
  if (!/[a-z]{3}/i.test(text)) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

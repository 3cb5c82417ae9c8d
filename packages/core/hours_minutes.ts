import { MS_PER_MINUTE } from "./clock.ts";

/**
 * Writes how long something lasts yet, in hours and minutes: `5 h 23 min`. Begun minutes count, so that it says 0 only
 * when nothing is left, and a whole day is `24 h 0 min`.
 */
export function formatHoursMinutes(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / MS_PER_MINUTE));
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

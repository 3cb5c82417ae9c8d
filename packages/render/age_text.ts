import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@ipcascade/core";

/** Writes how long ago an instant was, in whole units: `12 min`, `5 h`, `9 d`. Takes RFC 3339 in UTC. */
export function formatAge(instant: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(instant));
  if (ms < 2 * MS_PER_HOUR) return `${Math.floor(ms / MS_PER_MINUTE)} min`;
  if (ms < 3 * MS_PER_DAY) return `${Math.floor(ms / MS_PER_HOUR)} h`;
  return `${Math.floor(ms / MS_PER_DAY)} d`;
}

import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from "./clock.ts";

/** A time that has passed, in whole units of which there are two at least: `3 d`, `5 h`, `2 min`, `40 s`. */
export function describeAge(ms: number): string {
  if (ms >= 2 * MS_PER_DAY) return `${Math.floor(ms / MS_PER_DAY)} d`;
  if (ms >= 2 * MS_PER_HOUR) return `${Math.floor(ms / MS_PER_HOUR)} h`;
  if (ms >= 2 * MS_PER_MINUTE) return `${Math.floor(ms / MS_PER_MINUTE)} min`;
  return `${Math.max(0, Math.floor(ms / MS_PER_SECOND))} s`;
}

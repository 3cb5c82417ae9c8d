import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from "@ipcascade/core";

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: MS_PER_SECOND,
  m: MS_PER_MINUTE,
  h: MS_PER_HOUR,
};

const NUMBER = String.raw`(?:\d+\.?\d*|\.\d+)`;
const UNIT = "(?:ns|us|µs|μs|ms|s|m|h)";
const DURATION = new RegExp(`^\\+?(?:${NUMBER}${UNIT})+$`);
const PART = new RegExp(`(${NUMBER})(${UNIT})`, "g");

/** Longest duration that is understood: 100 years, so that sums of milliseconds stay exact. */
const MAX_MS = 100 * 366 * 24 * MS_PER_HOUR;

/**
 * Reads a duration in Go's grammar (`30s`, `1h30m`, `500ms`, `0`), as geoipupdate does; null when it is none. A
 * bare number other than 0 has no unit and is none. Returns whole milliseconds.
 */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  if (!DURATION.test(text)) return null;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(PART)) ms += Number(number) * MS_PER_UNIT[unit!]!;
  return ms <= MAX_MS ? Math.round(ms) : null;
}

/** Writes whole milliseconds the shortest way that `parseDuration` reads back: `5m`, `1h30m`, `1m0.5s` as `1m500ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  const hours = Math.floor(ms / MS_PER_HOUR);
  const minutes = Math.floor((ms % MS_PER_HOUR) / MS_PER_MINUTE);
  const seconds = Math.floor((ms % MS_PER_MINUTE) / MS_PER_SECOND);
  const rest = ms % MS_PER_SECOND;
  const parts: readonly [number, string][] = [[hours, "h"], [minutes, "m"], [seconds, "s"], [rest, "ms"]];
  return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`).join("");
}

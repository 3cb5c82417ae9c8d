import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@ipcascade/core";

/** Up to here an age is told in hours. */
const MAX_HOURS_MS = 3 * MS_PER_DAY;

/** How old a backup is, for people, such as `12 minutes`; of milliseconds. */
export function describeBackupAge(ageMs: number): string {
  if (ageMs < MS_PER_HOUR) return countOf(Math.max(0, ageMs) / MS_PER_MINUTE, "minute");
  if (ageMs < MAX_HOURS_MS) return countOf(ageMs / MS_PER_HOUR, "hour");
  return countOf(ageMs / MS_PER_DAY, "day");
}

function countOf(value: number, unit: string): string {
  const count = Math.floor(value);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

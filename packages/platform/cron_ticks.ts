import { Cron } from "croner";

const FORMAT = { mode: "5-part", utcOffset: 0, paused: true, sloppyRanges: true } as const;

/**
 * The last tick of a cron line in UTC at or before `at`; null for a line that never ticks, such as of 30 February. Both
 * in milliseconds since 1970 UTC. The line is one that the settings took. A day of the month and a weekday together
 * mean either of them, as cron has it.
 */
export function previousTick(line: string, at: number): number | null {
  const [tick] = new Cron(line, FORMAT).previousRuns(1, new Date(at + 1));
  return tick === undefined ? null : tick.getTime();
}

/** The first tick of such a line after `at`; null for a line that never ticks. */
export function nextTick(line: string, at: number): number | null {
  return new Cron(line, FORMAT).nextRun(new Date(at))?.getTime() ?? null;
}

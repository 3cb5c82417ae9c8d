import {
  formatMinute,
  isTickSettled,
  type JobError,
  type JobRun,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  TICK_MISSED,
} from "@ipcascade/core";

/** Where ticks that nobody ran are looked for. Instants are milliseconds since 1970 UTC. */
export interface MissedTickOptions {
  readonly line: string;
  /** The last run of the latest tick that has one. */
  readonly latest: JobRun | undefined;
  /** Since when the line is in force. */
  readonly since: number;
  /** The last tick, which is none of them. */
  readonly until: number;
  /** The last tick of a cron line in UTC at or before an instant; null when it never ticks. */
  readonly previousTick: (line: string, at: number) => number | null;
}

/** A tick that was not run to an end, and why. */
export interface MissedTick {
  readonly tickAt: number;
  readonly reason: string;
}

/** Of a schedule that ticks each minute the newest ones are told, the others are as good as told. */
const MAX_TOLD = 200;

/** Ticks before the last one that were never run, or not to an end, oldest first. */
export function findMissedTicks(options: MissedTickOptions): readonly MissedTick[] {
  const { line, latest, since, until, previousTick } = options;
  const after = `the tick of ${formatMinute(until)} came after it`;
  const latestAt = latest?.tickAt ?? null;
  const missed: MissedTick[] = [];
  let at = previousTick(line, until - 1);
  while (at !== null && at >= since && at > (latestAt ?? -Infinity) && missed.length < MAX_TOLD) {
    missed.unshift({ tickAt: at, reason: `No scheduler ran it; ${after}` });
    at = previousTick(line, at - 1);
  }
  if (latest !== undefined && latestAt !== null && latestAt < until && !isTickSettled(latest)) {
    missed.unshift({ tickAt: latestAt, reason: `${describeTry(latest)}; ${after}` });
  }
  return missed;
}

/** What became of the last try of a tick. */
export function describeTry({ startedAt, outcome }: Pick<JobRun, "startedAt" | "outcome">): string {
  const end = outcome === "failed" ? "failed" : `was ${outcome ?? "lost"}`;
  return `Its run of ${formatMinute(startedAt)} ${end}`;
}

/** Why a tick was not run, as its record says it. */
export function missedTick(tickAt: number, reason: string): JobError {
  return { code: TICK_MISSED, message: `The tick of ${formatMinute(tickAt)} was not run: ${reason}` };
}

/** A span for people, such as `6 d` or `3 h`. */
export function formatWindow(ms: number): string {
  if (ms % MS_PER_DAY === 0) return `${ms / MS_PER_DAY} d`;
  return ms % MS_PER_HOUR === 0 ? `${ms / MS_PER_HOUR} h` : `${ms / MS_PER_MINUTE} min`;
}

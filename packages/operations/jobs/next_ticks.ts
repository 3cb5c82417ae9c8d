import { type Clock, formatInstant, JOB_NAMES, type JobName, type JobSchedules } from "@ipcascade/core";

/** What telling coming ticks needs. */
export interface NextTicksDeps {
  readonly schedules: JobSchedules;
  readonly clock: Pick<Clock, "now">;
  /** The first tick of a cron line in UTC after an instant; null when it never ticks. */
  readonly nextTick: (line: string, at: number) => number | null;
}

/** A coming tick. Instants are RFC 3339 UTC. */
export interface ComingTick {
  readonly tick_at: string;
  readonly job: JobName;
  /** The cron line in UTC. */
  readonly schedule: string;
}

/** The report of `jobs next`, which is the timetable of a scheduler as well. */
export interface NextTicksReport {
  readonly operation: "list-next-ticks";
  /** Now: what ticks at this instant is not to come any more. */
  readonly at: string;
  /** The earliest first; those of one instant in the order of the catalogue. */
  readonly ticks: readonly ComingTick[];
  /** Jobs that no timer starts, of those that were asked for. */
  readonly off: readonly JobName[];
}

interface Tick {
  readonly at: number;
  readonly job: JobName;
  readonly schedule: string;
}

/** Which coming ticks are told. */
export interface NextTicksOptions {
  /** So many ticks in order of time, whosever they are; without it the next one of each job. */
  readonly limit?: number;
  /** Those of this job only. */
  readonly job?: JobName;
}

/** Tells the next ticks; nothing is asked for that but the clock. */
export function listNextTicks(deps: NextTicksDeps, { limit, job }: NextTicksOptions = {}): NextTicksReport {
  const now = deps.clock.now();
  const jobs = job === undefined ? JOB_NAMES : [job];
  const coming = firstTicks(deps, now, jobs);
  const ticks = limit === undefined ? inOrder(coming) : goOn(deps, coming, limit);
  return { operation: "list-next-ticks", ...describe(deps, now, ticks, jobs) };
}

function goOn({ nextTick }: NextTicksDeps, coming: Map<JobName, Tick>, limit: number): readonly Tick[] {
  const ticks: Tick[] = [];
  while (ticks.length < limit) {
    const next = earliest(coming);
    if (next === null) break;
    ticks.push(next);
    const at = nextTick(next.schedule, next.at);
    if (at === null) coming.delete(next.job);
    else coming.set(next.job, { ...next, at });
  }
  return ticks;
}

function inOrder(ticks: ReadonlyMap<JobName, Tick>): readonly Tick[] {
  return [...ticks.values()].sort((a, b) => a.at - b.at);
}

function firstTicks(
  { schedules, nextTick }: NextTicksDeps,
  now: number,
  jobs: readonly JobName[],
): Map<JobName, Tick> {
  const ticks = new Map<JobName, Tick>();
  for (const job of jobs) {
    const schedule = schedules[job];
    const at = schedule === null ? null : nextTick(schedule, now);
    if (schedule !== null && at !== null) ticks.set(job, { at, job, schedule });
  }
  return ticks;
}

function earliest(coming: ReadonlyMap<JobName, Tick>): Tick | null {
  let first: Tick | null = null;
  for (const tick of coming.values()) {
    if (first === null || tick.at < first.at) first = tick;
  }
  return first;
}

function describe(
  { schedules }: NextTicksDeps,
  now: number,
  ticks: readonly Tick[],
  jobs: readonly JobName[],
) {
  return {
    at: formatInstant(now),
    ticks: ticks.map(({ at, job, schedule }) => ({ tick_at: formatInstant(at), job, schedule })),
    off: jobs.filter((job) => schedules[job] === null),
  };
}

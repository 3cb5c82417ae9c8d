import type { JobName, JobSchedules } from "@ipcascade/core";

/** Milliseconds until a job whose run failed is tried again: a provider's hiccup is over in a minute, a restart in ten. */
const BACKOFF_MS: readonly number[] = [60_000, 600_000];

/** As many as Deno Deploy's free plan takes (https://docs.deno.com/deploy/reference/cron). */
const MAX_CRONS = 10;

/** The part of `Deno.cron` that is used: it resolves when the timer ends. */
export type RegisterCron = (
  name: string,
  line: string,
  options: { readonly backoffSchedule: number[]; readonly signal?: AbortSignal },
  handler: () => Promise<void>,
) => Promise<void>;

/** What jobs are registered with. */
export interface RegisterOptions {
  /** `Deno.cron`. */
  readonly cron: RegisterCron;
  /** Deals with a tick of a job; rejects when a later try may mend what failed. */
  readonly run: (job: JobName) => Promise<void>;
  /** Ends the timers. */
  readonly signal?: AbortSignal;
}

/**
 * Registers each job that is on under its name. Resolves when all timers have ended, which they do by the signal only.
 * Throws for more jobs than Deno Deploy takes.
 */
export function registerJobs(
  schedules: JobSchedules,
  { cron, run, signal }: RegisterOptions,
): Promise<void> {
  const jobs = (Object.keys(schedules) as JobName[]).filter((job) => schedules[job] !== null);
  if (jobs.length > MAX_CRONS) {
    throw new RangeError(`Cannot register ${jobs.length} jobs: ${MAX_CRONS} is all`);
  }
  const ended = jobs.map((job) => {
    const backoffSchedule = [...BACKOFF_MS];
    return cron(job, schedules[job]!, { backoffSchedule, signal }, () => run(job));
  });
  return Promise.all(ended).then(() => {});
}

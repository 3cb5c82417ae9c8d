import { type JobSchedules, UsageError } from "@ipcascade/core";
import { findCron } from "./find_cron.ts";
import { registerJobs } from "./register.ts";
import { createScheduler, type TickWork } from "./scheduler.ts";

/** What is attended to, and until when. */
export interface AttendOptions {
  readonly schedules: JobSchedules;
  readonly work: TickWork;
  /** Ends what runs; no tick is dealt with any more. */
  readonly stop: AbortSignal;
  /** Told once it is known that jobs can be run here. */
  readonly onBegin: () => void;
}

/**
 * Registers the jobs, makes up for missed ticks at once, and goes on until it is stopped; resolves when what ran is
 * recorded. Throws `UsageError` where there is no `Deno.cron`, and where every job is off.
 */
export async function attendJobs({ schedules, work, stop, onBegin }: AttendOptions): Promise<void> {
  const cron = findCron();
  if (cron === null) throw new UsageError(WITHOUT_CRON);
  if (Object.values(schedules).every((line) => line === null)) throw new UsageError(ALL_OFF);
  onBegin();
  await using scheduler = createScheduler(() => Promise.resolve(work));
  const ended = registerJobs(schedules, {
    cron,
    run: (job) => scheduler.dealWithTick(job),
    signal: stop,
  });
  // That it can't look for missed ticks now is logged, and no reason not to wait for the next ones.
  void scheduler.catchUp();
  await Promise.race([aborted(stop), ended]);
}

const WITHOUT_CRON =
  "Cannot schedule jobs: that needs Deno.cron, which is in Deno only, with --unstable-cron; " +
  'let cron or systemd call "ipcascade jobs run NAME" instead';
const ALL_OFF = "Cannot schedule jobs: every one is off; give one of SCHEDULE_… a cron line";

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

import type { JobName, Log } from "@ipcascade/core";
import type { TickReport } from "@ipcascade/operations";
import type { OpenSchedule } from "@ipcascade/platform";
import { logCatchUp, logTick } from "./tick_log.ts";

/** What ticks are dealt with by: the operations, or the reason why this process leaves them alone. */
export type TickWork =
  | { readonly log: Log; readonly schedule: OpenSchedule }
  | { readonly log: Log; readonly schedule: null; readonly idleReason: string };

/** Deals with ticks. Disposing it ends the runs that it began. */
export interface Scheduler extends AsyncDisposable {
  /**
   * Runs a job whose tick has come, unless somebody else does or did, and waits for its end. Throws `TickFailedError`
   * when a later try may mend what failed, and what opening throws.
   */
  dealWithTick(job: JobName): Promise<void>;
  /** Begins to make up for missed ticks now; later it does so by itself. Never rejects. */
  catchUp(): Promise<void>;
}

/** Thrown so that `Deno.cron`, which prints it, tries the tick again. What failed is in the log and in the record. */
export class TickFailedError extends Error {
  /** The name in traces. */
  override readonly name = "TickFailedError";

  constructor(job: JobName) {
    super(`The tick of ${job} will be tried again`);
    // It is no fault of this program: where it comes from is of no use to who reads the log.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** How a scheduler lives. */
export interface SchedulerOptions {
  /** Its process may end soon after a tick is dealt with, as on Deno Deploy: what was missed is made up for by then. */
  readonly endsWhenIdle?: boolean;
}

/** Creates a scheduler. What ticks are dealt with by is opened at the first of them; when that fails, at the next. */
export function createScheduler(open: () => Promise<TickWork>, options: SchedulerOptions = {}): Scheduler {
  return new LazyScheduler(open, options);
}

class LazyScheduler implements Scheduler {
  readonly #open: () => Promise<TickWork>;
  readonly #endsWhenIdle: boolean;
  #work: Promise<TickWork> | null = null;
  /** Since when missed ticks can't be looked for, by `performance.now()`; null while they can. */
  #awaySince: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isEnding = false;

  constructor(open: () => Promise<TickWork>, { endsWhenIdle = false }: SchedulerOptions) {
    this.#open = open;
    this.#endsWhenIdle = endsWhenIdle;
  }

  async dealWithTick(job: JobName): Promise<void> {
    if (this.#isEnding) return;
    const work = await this.#openOnce();
    if (work.schedule === null) {
      work.log.info("No job is run here", { job, reason: work.idleReason });
      return;
    }
    const report = await this.#runTick(job, work);
    if (report === null) return;
    logTick(work.log, report);
    if (this.#endsWhenIdle && await this.#catchUpNow(work.schedule, work.log)) await work.schedule.settle();
    if (report.may_retry) throw new TickFailedError(job);
  }

  async catchUp(): Promise<void> {
    const work = await this.#openOnce().catch(() => null);
    if (work?.schedule) await this.#catchUpNow(work.schedule, work.log);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    const work = await this.#work?.catch(() => null);
    await work?.schedule?.[Symbol.asyncDispose]();
  }

  async #openOnce(): Promise<TickWork> {
    this.#work ??= this.#open().then((work) => {
      if (work.schedule !== null) this.#catchUpLater(work.schedule, work.log);
      return work;
    });
    try {
      return await this.#work;
    } catch (error) {
      this.#work = null;
      throw error;
    }
  }

  /** Null when the scheduler ended in the meantime. */
  async #runTick(
    job: JobName,
    { schedule, log }: { readonly schedule: OpenSchedule; readonly log: Log },
  ): Promise<TickReport | null> {
    try {
      return await schedule.runTick(job);
    } catch (error) {
      if (this.#isEnding) return null;
      log.warn("The tick can't be dealt with", { job, reason: describe(error) });
      throw new TickFailedError(job);
    }
  }

  /** Catches up again and again, as long as the process lives for another reason. */
  #catchUpLater(schedule: OpenSchedule, log: Log): void {
    if (this.#isEnding) return;
    const timer = setTimeout(async () => {
      await this.#catchUpNow(schedule, log);
      this.#catchUpLater(schedule, log);
    }, schedule.catchUpMs);
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  /** True when there was something to begin. */
  async #catchUpNow(schedule: OpenSchedule, log: Log): Promise<boolean> {
    if (this.#isEnding) return false;
    try {
      const report = await schedule.catchUp({ onEnd: (end) => logTick(log, end) });
      this.#tellBack(log);
      logCatchUp(log, report);
      return report.begun.length > 0;
    } catch (error) {
      if (!this.#isEnding) this.#tellAway(log, describe(error));
      return false;
    }
  }

  /** It is tried every few seconds: an outage is told when it begins, and when it is over. */
  #tellAway(log: Log, reason: string): void {
    const write = this.#awaySince === null ? log.warn : log.debug;
    this.#awaySince ??= performance.now();
    write("Missed ticks can't be looked for", { reason });
  }

  #tellBack(log: Log): void {
    if (this.#awaySince === null) return;
    const seconds = Math.round((performance.now() - this.#awaySince) / 1000);
    this.#awaySince = null;
    log.info("Missed ticks are looked for again", { after_seconds: seconds });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

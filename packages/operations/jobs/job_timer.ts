import {
  type Clock,
  formatInstant,
  isTickSettled,
  JOB_ORDER,
  type JobName,
  type JobRun,
  type JobRuns,
  jobRunState,
  jobsBefore,
  type JobSchedules,
  type JobTimetable,
  type Log,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  MS_PER_SECOND,
  nextTryAt,
  ruleOf,
} from "@ipcascade/core";
import { describeRun } from "../list_job_runs.ts";
import { inLimitedTime } from "../limited_time.ts";
import type { CatchUpOptions, CatchUpReport, ScheduleOperations, TickReport } from "../operations.ts";
import type { JobEnding } from "./job_ending.ts";
import type { JobRunner } from "./job_runner.ts";
import { describeTry, findMissedTicks, formatWindow, missedTick } from "./missed_ticks.ts";

/** What a timer works with. */
export interface JobTimerDeps {
  readonly runs: Pick<JobRuns, "skipTick" | "latestTicks" | "findTick">;
  readonly timetable: Pick<JobTimetable, "note">;
  readonly runner: Pick<JobRunner, "begin">;
  readonly schedules: JobSchedules;
  readonly clock: Clock;
  readonly log: Log;
  /** The last tick of a cron line in UTC at or before an instant; null when it never ticks. */
  readonly previousTick: (line: string, at: number) => number | null;
  /** Who this scheduler is and where, for people. */
  readonly actor: string;
  /** Gives a UUID. */
  readonly createId: () => string;
  /** Ends the waiting for others. */
  readonly stop: AbortSignal;
}

/** Clocks of timers and of this process differ by less. */
const SLACK_MS = MS_PER_SECOND;
/** How often it is looked whether whoever is waited for is gone. */
const POLL_MS = 5 * MS_PER_SECOND;
/** Others are waited for until the window of the tick is over, and no less than so long. */
const MIN_WAIT_MS = MS_PER_HOUR;
/** A job that comes first, and is due at about the same time, is waited for so long to begin. */
const ABOUT_MS = 5 * MS_PER_MINUTE;
/** Being at work is told so often. */
const NOTE_MS = MS_PER_MINUTE;
/** A database that hangs is waited for no longer before a tick is dealt with. */
const NOTE_LIMIT_MS = 5 * MS_PER_SECOND;

/** Deals with the ticks of the schedules. */
export function createJobTimer(deps: JobTimerDeps): ScheduleOperations {
  return new JobTimer(deps);
}

class JobTimer implements ScheduleOperations {
  readonly #deps: JobTimerDeps;
  readonly #inHand = new Map<JobName, Promise<unknown>>();
  /** What is caught up with and conflicts is done one after the other, in order. */
  #tail: Promise<unknown> = Promise.resolve();
  #since: ReadonlyMap<JobName, number> = new Map();
  #notedAt = -Infinity;

  constructor(deps: JobTimerDeps) {
    this.#deps = deps;
  }

  async runTick(job: JobName): Promise<TickReport> {
    const { clock } = this.#deps;
    const tickAt = this.#tickOf(job, clock.now() + SLACK_MS);
    if (tickAt === null) return report(job, null, "off", null);
    // Whoever runs the tick finds out whether the database is there.
    const limit = { clock, limitMs: NOTE_LIMIT_MS };
    await inLimitedTime(() => this.#note(), limit).catch((error) =>
      this.#deps.log.debug("The scheduler is not noted", { reason: String(error) })
    );
    return await this.#hold(
      job,
      () => this.#isTooLate(job, tickAt) ? this.#leave(job, tickAt) : this.#deal(job, tickAt),
    );
  }

  /** A timer that slept may fire when it is too late: what is of no use any more is not done. */
  #isTooLate(job: JobName, tickAt: number): boolean {
    const now = this.#deps.clock.now();
    return now - tickAt > ruleOf(job).windowMs && this.#isInForce(job, tickAt);
  }

  async #leave(job: JobName, tickAt: number): Promise<TickReport> {
    const isSkipped = await this.#skip(job, tickAt, `No scheduler ran it${tooLate(job)}`);
    return report(job, tickAt, isSkipped ? "skipped" : "settled", null);
  }

  async catchUp({ onEnd }: CatchUpOptions = {}): Promise<CatchUpReport> {
    await this.#note();
    const { runs, clock } = this.#deps;
    const now = clock.now();
    const latest = new Map((await runs.latestTicks(now)).map((run) => [run.job, run]));
    const begun: CatchUpReport["begun"][number][] = [];
    const skipped: CatchUpReport["skipped"][number][] = [];
    for (const job of JOB_ORDER) {
      if (this.#inHand.has(job)) continue;
      const tickAt = this.#tickOf(job, now);
      if (tickAt === null) continue;
      const run = latest.get(job)?.tickAt === tickAt ? latest.get(job)! : null;
      // A run that was begun is gone on with, whenever its line came into force.
      if (run === null && !this.#isInForce(job, tickAt)) continue;
      skipped.push(...await this.#skipOlder(job, tickAt, latest.get(job)));
      const plan = this.#plan(job, tickAt, run, now);
      if (plan === "deal") {
        // One that is under way elsewhere is looked at for its lease, and left alone.
        if (run === null || jobRunState(run, now) !== "running") {
          begun.push({ job, tick_at: formatInstant(tickAt) });
        }
        this.#dealLater(job, tickAt, onEnd);
      } else if (plan !== "leave" && await this.#skip(job, tickAt, plan.reason)) {
        skipped.push({ job, tick_at: formatInstant(tickAt), reason: plan.reason });
      }
    }
    return { operation: "catch-up", begun, skipped };
  }

  async settle(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand.values());
  }

  /** The last tick of a job; null when there is none. */
  #tickOf(job: JobName, now: number): number | null {
    const line = this.#deps.schedules[job];
    return line === null ? null : this.#deps.previousTick(line, now);
  }

  /** False for what was due before a scheduler went by the line: that was nobody's to run. */
  #isInForce(job: JobName, tickAt: number): boolean {
    return tickAt >= (this.#since.get(job) ?? Infinity);
  }

  /** What is to be done about the last tick, of which `run` is the last try. */
  #plan(
    job: JobName,
    tickAt: number,
    run: JobRun | null,
    now: number,
  ): "leave" | "deal" | { readonly reason: string } {
    if (run !== null && isTickSettled(run)) return "leave";
    const { windowMs } = ruleOf(job);
    // A run without an end may be over, which its lease tells.
    if (run?.outcome === null) return "deal";
    if (now - tickAt > windowMs) {
      const what = run === null ? "No scheduler ran it" : describeTry(run);
      return { reason: `${what}${tooLate(job)}` };
    }
    if (run === null) return "deal";
    const nextAt = nextTryAt(run, now);
    return nextAt !== null && nextAt <= now ? "deal" : "leave";
  }

  /** Records the ticks before the last one that nobody ran, or did not run to an end. */
  async #skipOlder(
    job: JobName,
    tickAt: number,
    latest: JobRun | undefined,
  ): Promise<CatchUpReport["skipped"]> {
    const { schedules, previousTick } = this.#deps;
    const since = this.#since.get(job) ?? Infinity;
    const missed = findMissedTicks({ line: schedules[job]!, latest, since, until: tickAt, previousTick });
    const skipped = [];
    for (const { tickAt: missedAt, reason } of missed) {
      if (!await this.#skip(job, missedAt, reason)) continue;
      skipped.push({ job, tick_at: formatInstant(missedAt), reason });
    }
    return skipped;
  }

  async #skip(job: JobName, tickAt: number, reason: string): Promise<boolean> {
    const { runs, clock, createId, actor } = this.#deps;
    const start = { id: createId(), job, trigger: "timer", actor, startedAt: clock.now() } as const;
    return await runs.skipTick({ ...start, tickAt, error: missedTick(tickAt, reason) });
  }

  #dealLater(job: JobName, tickAt: number, onEnd: CatchUpOptions["onEnd"]): void {
    const { stop } = this.#deps;
    const isExclusive = ruleOf(job).conflicts.length > 0;
    const deal = () => this.#deal(job, tickAt);
    const dealt = this.#hold(job, () => isExclusive ? this.#tail.then(deal, deal) : deal());
    if (isExclusive) this.#tail = dealt.catch(() => {});
    dealt.then((done) => void onEnd?.(done)).catch((error) => {
      if (stop.aborted) return;
      this.#deps.log.warn("A tick can't be dealt with", { job, reason: String(error) });
    });
  }

  async #hold<T>(job: JobName, work: () => Promise<T>): Promise<T> {
    const held = this.#inHand.get(job);
    const working = held === undefined ? work() : held.then(work, work);
    this.#inHand.set(job, working);
    try {
      return await working;
    } finally {
      if (this.#inHand.get(job) === working) this.#inHand.delete(job);
    }
  }

  /** Runs a tick once nothing is in its way any more. */
  async #deal(job: JobName, tickAt: number): Promise<TickReport> {
    const { runner, clock, actor, stop } = this.#deps;
    const leftMs = ruleOf(job).windowMs - (clock.now() - tickAt);
    const endsAt = clock.elapsed() + Math.max(leftMs, MIN_WAIT_MS);
    while (true) {
      const first = await this.#findFirst(job);
      const begun = first === null ? await runner.begin({ job, actor, trigger: "timer", tickAt }) : null;
      if (begun !== null && begun.state !== "conflicting") {
        const ending = await begun.ended;
        if (ending === null) {
          return report(job, tickAt, begun.state === "settled" ? "settled" : "running", begun.run);
        }
        return report(job, tickAt, "ran", await this.#readEnd(begun.run, tickAt, ending));
      }
      if (clock.elapsed() >= endsAt) {
        const other = begun?.run.job ?? first!;
        await this.#skip(job, tickAt, `${other} was under way for all of the time that it waited`);
        return report(job, tickAt, "skipped", null);
      }
      await clock.sleep(POLL_MS, stop);
    }
  }

  /** The run as the record has it, or as far as it is known where the database is away. */
  async #readEnd(begun: JobRun, tickAt: number, ending: JobEnding): Promise<JobRun> {
    const { runs, clock } = this.#deps;
    const recorded = await runs.findTick(begun.job, tickAt).catch(() => null);
    return recorded?.id === begun.id ? recorded : { ...begun, ...ending, endedAt: clock.now() };
  }

  /** A job that comes first, is due at about this time, and has not begun; null when there is none. */
  async #findFirst(job: JobName): Promise<JobName | null> {
    const { runs, clock } = this.#deps;
    const now = clock.now();
    for (const other of jobsBefore(job)) {
      const tickAt = this.#tickOf(other, now + SLACK_MS);
      if (tickAt === null || now - tickAt > ABOUT_MS || !this.#isInForce(other, tickAt)) continue;
      if (await runs.findTick(other, tickAt) === null) return other;
    }
    return null;
  }

  async #note(): Promise<void> {
    const { timetable, clock, actor: by, schedules } = this.#deps;
    if (clock.elapsed() - this.#notedAt < NOTE_MS) return;
    const noted = await timetable.note({ by, at: clock.now(), schedules });
    // What another scheduler's line makes due is that one's to make up for.
    const own = noted.filter(({ job, line }) => line === schedules[job]);
    this.#since = new Map(own.map(({ job, since }) => [job, since]));
    this.#notedAt = clock.elapsed();
  }
}

function tooLate(job: JobName): string {
  return `, and it is made up for within ${formatWindow(ruleOf(job).windowMs)} only`;
}

function report(
  job: JobName,
  tickAt: number | null,
  state: TickReport["state"],
  run: JobRun | null,
): TickReport {
  return {
    operation: "run-tick",
    job,
    tick_at: formatInstant(tickAt),
    state,
    run: run === null ? null : describeRun(run, run.endedAt ?? run.seenAt),
    may_retry: state === "ran" && run?.outcome === "failed" && !isTickSettled(run),
  };
}

import {
  formatInstant,
  JOB_NAMES,
  type JobName,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  parseAddress,
} from "@ipcascade/core";
import { nextTick } from "@ipcascade/platform";
import { Agenda, type Entry } from "./agenda.ts";
import { Honeypot } from "./honeypot.ts";
import { CYMRU_TIMEOUT_MS, install, type Installation, updateByHand } from "./installation.ts";
import { judgeLicence } from "./judge_editions.ts";
import { countGreynoiseOld } from "./judge_inventory.ts";
import { formatAt } from "./mailbox.ts";
import { isIn, type Plan } from "./plan.ts";
import { RETRY_EVERY_MS, type Scheduler, startScheduler } from "./scheduler.ts";
import { YearClock } from "./year_clock.ts";

/** What serves on a day. */
export interface ServingDay {
  readonly at: number;
  /** Seconds since 1970 UTC. */
  readonly cityBuild: number | null;
  readonly asnBuild: number | null;
  /** The country of 8.8.8.8. */
  readonly country: string | null;
}

/** An installation that lived through a plan. */
export interface LivedPlan {
  readonly plan: Plan;
  readonly world: Installation;
  readonly honeypot: Honeypot;
  readonly days: readonly ServingDay[];
  /** When the scheduler was started first. */
  readonly since: number;
  /** Answers of GreyNoise that were too old when it cut its quota. */
  readonly greynoiseOld: number;
  /** What was kept for too long, looked for once a week. */
  readonly unlicensed: readonly string[];
}

/** How often others are looked after and what failed is tried again, besides after each failure. */
const CATCH_UP_MS = 12 * MS_PER_HOUR;

/**
 * Lives through a plan, and gives what came of it to the judge. While it lasts, the time of day of this whole program
 * is that of the plan: the embedded database has no other clock.
 */
export async function live<T>(plan: Plan, judge: (lived: LivedPlan) => Promise<T>): Promise<T> {
  const clock = new YearClock(plan.time.from);
  const realNow = Date.now;
  Date.now = clock.now;
  try {
    await using world = await install(clock, plan);
    clock.isHopeless = (ms) => ms === CYMRU_TIMEOUT_MS && isIn(plan.nullRoute, clock.now());
    const life = new Life(plan, world);
    await life.run();
    return await judge(life);
  } finally {
    Date.now = realNow;
  }
}

const MONDAY = 1;

/** What takes longer by the machine's clock waits for a limit that only the year could end. */
const STUCK_MS = 5 * MS_PER_MINUTE;

async function endSoon({ at, run }: Entry): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Cannot go on after ${formatAt(at)}: nothing moves`)),
      STUCK_MS,
    );
  });
  try {
    await Promise.race([run(), stuck]);
  } finally {
    clearTimeout(timer);
  }
}

class Life implements LivedPlan {
  readonly plan: Plan;
  readonly world: Installation;
  readonly honeypot: Honeypot;
  readonly days: ServingDay[] = [];
  readonly since: number;
  greynoiseOld = 0;
  readonly unlicensed: string[] = [];
  readonly #agenda = new Agenda();
  #scheduler: Scheduler | null = null;

  constructor(plan: Plan, world: Installation) {
    this.plan = plan;
    this.world = world;
    this.honeypot = new Honeypot(plan);
    this.since = plan.time.from + MS_PER_MINUTE;
  }

  async run(): Promise<void> {
    const { clock } = this.world;
    this.#planTroubles();
    this.#planDays();
    for (const job of JOB_NAMES) this.#planTick(job, this.since);
    for (let entry = this.#agenda.take(); entry !== undefined; entry = this.#agenda.take()) {
      if (entry.at >= this.plan.time.until) continue;
      await clock.moveTo(entry.at);
      await endSoon(entry);
    }
    await clock.moveTo(this.plan.time.until);
    await this.#stop();
  }

  #planTroubles(): void {
    const { lab, disk } = this.world;
    const { quotaCutAt, nullRoute, fullDisk, downtime } = this.plan;
    this.#agenda.add(quotaCutAt, async () => {
      this.greynoiseOld = await countGreynoiseOld(this.world.sql, quotaCutAt);
    });
    this.#agenda.add(this.since, () => this.#start());
    this.#agenda.add(nullRoute.from, () => {
      lab.setFault("cymruWhois", { kind: "drop" });
      // What comes from the name servers on the way is an error, not silence.
      lab.setFault("cymruDns", { kind: "rcode", rcode: "SERVFAIL" });
    });
    this.#agenda.add(nullRoute.until, () => lab.clearFaults());
    this.#agenda.add(fullDisk.from, () => void (disk.isFull = true));
    this.#agenda.add(fullDisk.until, () => void (disk.isFull = false));
    this.#agenda.add(downtime.from, () => this.#stop());
    this.#agenda.add(downtime.until, () => this.#start());
  }

  #planDays(): void {
    const { cascade, clock, releases } = this.world;
    const { from, until } = this.plan.time;
    releases.releaseBoth(from - MS_PER_DAY);
    for (let day = from; day < until; day += MS_PER_DAY) {
      this.#agenda.add(day + 10 * MS_PER_MINUTE, async () => {
        if (this.#scheduler !== null) await this.honeypot.runDay(cascade, clock);
      });
      this.#agenda.add(day + MS_PER_DAY / 2, () => {
        releases.releaseDaily(day + MS_PER_DAY / 2);
        this.#look();
      });
      if (new Date(day).getUTCDay() === MONDAY) {
        this.#agenda.add(day + MS_PER_DAY / 2, async () => {
          this.unlicensed.push(...await judgeLicence(this.world));
        });
      }
      for (let at = day + RETRY_EVERY_MS; at < day + MS_PER_DAY; at += CATCH_UP_MS) {
        this.#agenda.add(at, () => this.#catchUp());
      }
    }
  }

  /** A job's next tick; whoever is there then runs it. */
  #planTick(job: JobName, after: number): void {
    const line = this.world.settings.schedules[job];
    const at = line === null ? null : nextTick(line, after);
    if (at === null || at >= this.plan.time.until) return;
    this.#agenda.add(at, async () => {
      this.#planTick(job, at);
      const report = await this.#scheduler?.runTick(job);
      if (report?.may_retry !== true) return;
      for (const tries of [1, 2, 3]) this.#agenda.add(at + tries * RETRY_EVERY_MS, () => this.#catchUp());
    });
  }

  async #start(): Promise<void> {
    this.#scheduler = startScheduler(this.world);
    await this.#catchUp();
    if (this.days.length === 0) await updateByHand(this.world);
  }

  async #catchUp(): Promise<void> {
    await this.#scheduler?.catchUp();
  }

  async #stop(): Promise<void> {
    await this.#scheduler?.[Symbol.asyncDispose]();
    this.#scheduler = null;
  }

  #look(): void {
    const { clock, cascade } = this.world;
    const { installed } = cascade.maxmind;
    const outcome = cascade.maxmind.lookUp(parseAddress("8.8.8.8")!, formatInstant(clock.now()));
    this.days.push({
      at: clock.now(),
      cityBuild: installed?.cityBuildEpoch ?? null,
      asnBuild: installed?.asnBuildEpoch ?? null,
      country: outcome.status === "hit" ? outcome.data.country_code : null,
    });
  }
}

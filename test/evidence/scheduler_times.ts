import { formatInstant, type JobName, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@ipcascade/core";
import { openPostgresServer, type PostgresServer } from "@ipcascade/testkit";
import { findFaketime } from "../faketime.ts";
import { Claims, type Evidence } from "./figures.ts";
import { openSchedulerWorld, type RunRow, type SchedulerWorld, tickOf, until } from "./scheduler_world.ts";

/** How long schedulers go on by real ticks, and how many. */
export interface SchedulerTimes {
  /** Schedulers whose clocks are right. */
  readonly schedulers: number;
  /** Minutes of real ticks; 0: crons fire far more often than that, for some seconds. */
  readonly minutes: number;
}

const EVERY_MINUTE = "* * * * *";
const SHORT_SECONDS = 3;
/** Time in which what was due at the end is done. */
const REST_MS = 20_000;

/** Several schedulers, clocks that differ, and times without any scheduler: every tick has one last word. */
export async function proveSchedulerTimes(times: SchedulerTimes): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  // On a CI machine it is missed.
  const canShift = findFaketime() !== null || Deno.env.get("CI") === "true";
  const [twins, clocks, downtime] = await Promise.all([
    runTogether(server, times, { clocks: Array.from({ length: times.schedulers }, () => null), claims }),
    canShift
      ? runTogether(server, times, { clocks: ["+4m", "-3m"], aheadMs: 4 * MS_PER_MINUTE, claims })
      : "left out: faketime is missing",
    catchUpOnce(server, claims),
  ]);
  return {
    conditions: `${times.schedulers} schedulers, and two whose clocks are 4 min fast and 3 min slow, ` +
      (times.minutes > 0 ? `${times.minutes} minutes of real ticks` : "crons that fire all the time") +
      ", three jobs each minute, one PostgreSQL server; two that start after hours without any",
    figures: { "ticks together": twins, "ticks of different clocks": clocks, "missed ticks": downtime },
    broken: claims.broken,
  };
}

interface Together {
  /** The shift of each scheduler's clock, as faketime takes it; null for none. */
  readonly clocks: readonly (string | null)[];
  /** How far the fastest one is ahead. Ticks from before its start are nobody's. Default 0. */
  readonly aheadMs?: number;
  readonly claims: Claims;
}

/** Gives the number of ticks that were run. */
async function runTogether(
  server: PostgresServer,
  { minutes }: SchedulerTimes,
  { clocks, aheadMs = 0, claims }: Together,
): Promise<number> {
  const jobs: readonly JobName[] = ["check-quota", "prune", "snapshot-coverage"];
  const lines = Object.fromEntries(jobs.map((job) => [job, EVERY_MINUTE]));
  const since = Date.now() + aheadMs;
  await using world = await openSchedulerWorld(server, { lines, since });
  const env: Record<string, string> = minutes > 0 ? {} : { DENO_CRON_TEST_SCHEDULE_OFFSET: "300" };
  const crew = clocks.map((clock, index) =>
    world.start({
      clock: clock ?? undefined,
      env: { ...env, IPCASCADE_DATA_DIR: world.dir.join(`data-${index}`) },
    })
  );
  const isAtWork = async () => new Set((await world.runs()).map(({ job }) => job)).size === jobs.length;
  await until("the schedulers work", isAtWork, 150_000);
  await new Promise((resolve) => setTimeout(resolve, minutes > 0 ? minutes * 60_000 : SHORT_SECONDS * 1_000));
  const [from, to] = [formatInstant(since - MS_PER_MINUTE), formatInstant(Date.now() + aheadMs)];
  if (minutes > 0) await new Promise((resolve) => setTimeout(resolve, REST_MS));
  // A tick that a signal cuts has "stopped" as its last word, which is right.
  const isEnded = async () =>
    (await world.runs()).every(({ tick, outcome }) => tick! > to || outcome !== null);
  await until("the ticks are done", isEnded);
  for (const scheduler of crew) scheduler.kill("SIGTERM");
  for (const scheduler of crew) await scheduler.status;
  const name = clocks.includes(null) ? "together" : "clocks";
  const runs = await world.runs();
  for (const job of jobs) {
    checkTicks(runs.filter((run) => run.job === job && run.tick! > from && run.tick! <= to), {
      check: (holds, claim) => claims.check(holds, `${name}, ${job}: ${claim}`),
      hasGaps: minutes === 0,
    });
  }
  return runs.length;
}

interface TickChecks {
  readonly check: (holds: boolean, claim: string) => void;
  /** Whether minutes between the first and the last tick may be missing, which schedulers with right clocks tell. */
  readonly hasGaps: boolean;
}

/** Each tick is there once, and ran. */
function checkTicks(runs: readonly RunRow[], { check, hasGaps }: TickChecks): void {
  const ticks = runs.map(({ tick }) => tick!);
  check(ticks.length > 0, "no tick was run");
  check(new Set(ticks).size === ticks.length, `ticks were run twice: ${ticks.join(", ")}`);
  for (const { tick, outcome, error } of runs) {
    if (hasGaps && outcome === "skipped") continue;
    check(outcome === "succeeded", `the tick of ${tick} ended ${outcome}: ${error}`);
  }
  if (hasGaps) return;
  const instants = ticks.map((tick) => Date.parse(tick)).sort((a, b) => a - b);
  const minutes = (instants.at(-1)! - instants[0]!) / MS_PER_MINUTE + 1;
  check(minutes === ticks.length, `${ticks.length} ticks were run in ${minutes} minutes`);
}

/** An hourly job and two daily ones after seven hours without any scheduler. Gives the number of missed ticks. */
async function catchUpOnce(server: PostgresServer, claims: Claims): Promise<number> {
  const hourAgo = new Date(Date.now() - 10 * MS_PER_MINUTE);
  const minute = hourAgo.getUTCMinutes();
  const daily = (hours: number) =>
    `${minute} ${new Date(Date.now() - hours * MS_PER_HOUR).getUTCHours()} * * *`;
  // A report of the morning is of no use in the evening.
  const lines = { "check-quota": `${minute} * * * *`, "check-health": daily(8), "back-up": daily(5) };
  await using world = await openSchedulerWorld(server, { lines, since: Date.now() - MS_PER_DAY / 2 });
  await ranBefore(world, "check-quota", Date.parse(tickOf(lines["check-quota"])) - 7 * MS_PER_HOUR);
  const crew = [0, 1].map((index) =>
    world.start({
      fires: ["refresh-stale"],
      env: { IPCASCADE_DATA_DIR: world.dir.join(`data-${index}`) },
    })
  );
  // Another look finds nothing more.
  const looks = async () => (await world.runs("back-up")).some(({ outcome }) => outcome === "succeeded");
  await until(`the backup is made up for: ${crew[0]!.said()}`, looks);
  await until("each one looked", async () => (await world.runs("check-quota")).length >= 8);
  for (const scheduler of crew) scheduler.kill("SIGTERM");
  for (const scheduler of crew) await scheduler.status;
  const check = (holds: boolean, claim: string) => claims.check(holds, `downtime: ${claim}`);
  const told = async (job: JobName) =>
    (await world.runs(job)).map(({ outcome, attempt }) => `${outcome} ${attempt}`).join();
  const skipped = Array.from({ length: 6 }, () => "skipped 1");
  const quota = await told("check-quota");
  check(quota === ["succeeded 1", ...skipped, "succeeded 1"].join(), `check-quota has ${quota}`);
  const [health, backup] = [await told("check-health"), await told("back-up")];
  check(health === "skipped 1", `check-health has ${health}`);
  check(backup === "succeeded 1", `back-up has ${backup}`);
  const reasons = (await world.runs()).filter(({ outcome }) => outcome === "skipped").map(({ error }) =>
    error
  );
  check(reasons.every((error) => error?.includes("TICK_MISSED")), `reasons: ${reasons.join()}`);
  return (await world.runs()).length - 1;
}

/** A run of a time before the schedulers were away. */
async function ranBefore({ sql }: SchedulerWorld, job: JobName, tickAt: number): Promise<void> {
  await sql`insert into job_run (id, job, started_by, actor, started_at, seen_at, ended_at, outcome, counts, tick_at)
    select gen_random_uuid(), ${job}, 'timer', 'a@b', at, at, at, 'succeeded', '{}', at
    from to_timestamp(${tickAt}::float8 / 1000) at`;
}

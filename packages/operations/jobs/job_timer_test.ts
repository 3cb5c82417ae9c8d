import { assertEquals, assertMatch } from "@std/assert";
import {
  isTickSettled,
  JOB_SCHEDULES,
  type JobBeginning,
  type JobError,
  type JobName,
  type JobRun,
  type JobSchedules,
  MAX_TICK_ATTEMPTS,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  StoreError,
} from "@ipcascade/core";
import { FakeClock } from "../../testkit/fake_clock.ts";
import type { TickReport } from "../operations.ts";
import { createJobTimer, type JobTimerDeps } from "./job_timer.ts";
import { endWell } from "./job_ending.ts";

const OFF = Object.fromEntries(Object.keys(JOB_SCHEDULES).map((job) => [job, null])) as JobSchedules;
const HOURLY = { "check-quota": "hourly" };

/** Ticks of each full hour or each full day. */
const stepOf = (line: string) => line === "hourly" ? MS_PER_HOUR : MS_PER_DAY;
const previousTick = (line: string, at: number) => Math.floor(at / stepOf(line)) * stepOf(line);

type Outcome = JobRun["outcome"];

/** A timer on runs in memory, which end at once as `outcomes` say, and otherwise well; null is never. */
function openTimer(lines: Partial<Record<JobName, string>>, outcomes: readonly Outcome[] = []) {
  const clock = new FakeClock("2026-11-26T12:00:00Z");
  const runs: JobRun[] = [];
  const left = [...outcomes];
  const schedules = { ...OFF, ...lines };
  const lastOf = (job: JobName, tickAt: number) =>
    runs.findLast((run) => run.job === job && run.tickAt === tickAt) ?? null;
  const add = (
    job: JobName,
    tickAt: number | null,
    outcome: Outcome,
    error: JobError | null = null,
  ): JobRun => {
    const attempt = tickAt === null ? 1 : (lastOf(job, tickAt)?.attempt ?? 0) + 1;
    const now = clock.now();
    const run = {
      id: String(runs.length),
      job,
      trigger: "timer",
      actor: "a@b",
      startedAt: now,
      seenAt: now,
      endedAt: outcome === null ? null : now,
      outcome,
      counts: {},
      error,
      message: null,
      tickAt,
      attempt,
    } as const;
    runs.push(run);
    return run;
  };
  const underway: { run: JobRun | null } = { run: null };
  const begin = (job: JobName, tickAt: number): JobBeginning => {
    const last = lastOf(job, tickAt);
    if (last !== null && isTickSettled(last)) return { state: "settled", run: last };
    if (underway.run !== null) {
      return { state: underway.run.job === job ? "running" : "conflicting", run: underway.run };
    }
    const outcome = left.length > 0 ? left.shift()! : "succeeded";
    return { state: "begun", run: add(job, tickAt, outcome) };
  };
  let since: number | null = null;
  const warnings: string[] = [];
  const deps: JobTimerDeps = {
    runs: {
      skipTick: ({ job, tickAt, error }) => {
        const last = lastOf(job, tickAt);
        if (last !== null && (isTickSettled(last) || last.id === underway.run?.id)) {
          return Promise.resolve(false);
        }
        add(job, tickAt, "skipped", error);
        return Promise.resolve(true);
      },
      latestTicks: () => {
        const ticked = runs.filter(({ tickAt }) => tickAt !== null);
        const latest = (job: JobName) =>
          Math.max(...ticked.filter((run) => run.job === job).map((run) => run.tickAt!));
        return Promise.resolve(
          [...new Set(ticked.map(({ job }) => job))].map((job) => lastOf(job, latest(job))!),
        );
      },
      findTick: (job, tickAt) => Promise.resolve(lastOf(job, tickAt)),
    },
    timetable: {
      note: ({ at, by }) => {
        since ??= at;
        const noted = { since, seenAt: at, seenBy: by };
        return Promise.resolve(
          Object.entries(schedules).map(([job, line]) => ({ job: job as JobName, line, ...noted })),
        );
      },
    },
    runner: {
      begin: ({ job, tickAt }) => {
        const { state, run } = begin(job, tickAt!);
        return Promise.resolve({
          state,
          run,
          ended: state === "begun" ? Promise.resolve(endWell({})) : null,
        });
      },
    },
    schedules,
    clock,
    log: { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) },
    previousTick,
    actor: "a@b",
    createId: () => "id",
    stop: new AbortController().signal,
  };
  const timer = createJobTimer(deps);
  const told = () =>
    runs.map(({ job, tickAt, outcome, attempt }) =>
      `${job} ${tickAt === null ? "-" : new Date(tickAt).toISOString().slice(5, 16)} ${outcome} ${attempt}`
    );
  return { timer, deps, clock, runs, underway, add, told, warnings };
}

async function catchUp({ timer }: { readonly timer: ReturnType<typeof openTimer>["timer"] }) {
  const report = await timer.catchUp();
  await timer.settle();
  return report;
}

Deno.test("runTick() runs the newest tick once, also one of before the first scheduler", async () => {
  const world = openTimer(HOURLY);
  await world.clock.advance(20 * MS_PER_MINUTE);
  const first = await world.timer.runTick("check-quota");
  assertEquals([first.state, first.tick_at, first.run?.state], [
    "ran",
    "2026-11-26T12:00:00.000Z",
    "succeeded",
  ]);
  assertEquals((await world.timer.runTick("check-quota")).state, "settled");
  assertEquals((await world.timer.runTick("back-up")).state, "off");
  assertEquals(world.told(), ["check-quota 11-26T12:00 succeeded 1"]);
});

Deno.test("catchUp() makes nothing up from before the first scheduler", async () => {
  const world = openTimer({ ...HOURLY, "back-up": "daily" });
  await world.clock.advance(1);
  assertEquals(await catchUp(world), { operation: "catch-up", begun: [], skipped: [] });
  assertEquals(world.told(), []);
});

Deno.test("catchUp() makes the last missed tick up once, and records the others with the reason", async () => {
  const world = openTimer(HOURLY);
  await catchUp(world);
  await world.timer.runTick("check-quota");
  await world.clock.advance(3 * MS_PER_HOUR + 5 * MS_PER_MINUTE);
  const report = await catchUp(world);
  assertEquals(report.begun, [{ job: "check-quota", tick_at: "2026-11-26T15:00:00.000Z" }]);
  assertEquals(report.skipped.map(({ tick_at }) => tick_at.slice(11, 16)), ["13:00", "14:00"]);
  assertMatch(
    report.skipped[0]!.reason,
    /^No scheduler ran it; the tick of 2026-11-26 15:00 UTC came after it$/,
  );
  await catchUp(world);
  assertEquals(world.told(), [
    "check-quota 11-26T12:00 succeeded 1",
    "check-quota 11-26T13:00 skipped 1",
    "check-quota 11-26T14:00 skipped 1",
    "check-quota 11-26T15:00 succeeded 1",
  ]);
});

Deno.test("catchUp() records a tick as skipped when its window is over", async () => {
  const world = openTimer({ "check-health": "daily" });
  await catchUp(world);
  await world.clock.advance(12 * MS_PER_HOUR + 7 * MS_PER_HOUR);
  const { begun, skipped } = await catchUp(world);
  assertEquals(begun, []);
  assertMatch(skipped[0]!.reason, /^No scheduler ran it, and it is made up for within 6 h only$/);
  assertEquals(world.runs[0]!.error?.code, "TICK_MISSED");
  await catchUp(world);
  assertEquals(world.told(), ["check-health 11-27T00:00 skipped 1"]);
});

Deno.test("catchUp() goes on with a run that was stopped or lost, and tries a failed one again later", async () => {
  const world = openTimer({ "back-up": "daily" }, ["stopped", "failed"]);
  await catchUp(world);
  await world.clock.advance(12 * MS_PER_HOUR);
  await world.timer.runTick("back-up");
  await catchUp(world);
  await catchUp(world);
  assertEquals(world.told().length, 2, "the failed one is left alone for a while");
  await world.clock.advance(10 * MS_PER_MINUTE);
  await catchUp(world);
  assertEquals(
    world.told(),
    [1, 2, 3].map((n) => `back-up 11-27T00:00 ${["stopped", "failed", "succeeded"][n - 1]} ${n}`),
  );
});

Deno.test("a job waits for one that it conflicts with, and is skipped when that takes too long", async () => {
  const world = openTimer({ "refresh-stale": "daily" });
  world.underway.run = world.add("back-up", null, null);
  const dealt = world.timer.runTick("refresh-stale");
  await world.clock.waitForSleepers(1);
  world.underway.run = null;
  await world.clock.advance(5_000);
  assertEquals((await dealt).state, "ran");
  world.underway.run = world.add("back-up", null, null);
  await world.clock.advance(12 * MS_PER_HOUR);
  const late = world.timer.runTick("refresh-stale");
  let isOver = false;
  late.finally(() => isOver = true);
  let hours = 0;
  while (!isOver) {
    hours++;
    await world.clock.advance(MS_PER_HOUR);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
  assertEquals(hours >= 6 * 24 && hours < 6 * 24 + 2, true, `until its window is over: ${hours} h`);
  assertEquals((await late).state, "skipped");
  assertEquals(
    world.runs.at(-1)!.error?.message.split(": ")[1],
    "back-up was under way for all of the time that it waited",
  );
});

Deno.test("a job waits for one that comes first and is due at the same time, until that has begun", async () => {
  const world = openTimer({ "back-up": "daily", "update-editions": "daily" });
  await catchUp(world);
  await world.clock.advance(12 * MS_PER_HOUR);
  const update = world.timer.runTick("update-editions");
  await world.clock.waitForSleepers(1);
  await world.timer.runTick("back-up");
  await world.clock.advance(5_000);
  await update;
  assertEquals(world.told().map((line) => line.split(" ")[0]), ["back-up", "update-editions"]);
});

Deno.test("catchUp() runs what conflicts one after the other, in order", async () => {
  const world = openTimer({ "refresh-stale": "daily", "update-editions": "daily", "back-up": "daily" });
  await catchUp(world);
  await world.clock.advance(14 * MS_PER_HOUR);
  const { begun } = await catchUp(world);
  assertEquals(begun.map(({ job }) => job), ["back-up", "update-editions", "refresh-stale"]);
  assertEquals(world.told().map((line) => line.split(" ")[0]), [
    "back-up",
    "update-editions",
    "refresh-stale",
  ]);
});

Deno.test("runTick() says that another try may mend a failure, until there were enough", async () => {
  const world = openTimer(HOURLY, Array(MAX_TICK_ATTEMPTS).fill("failed"));
  const tries = [];
  for (let i = 0; i <= MAX_TICK_ATTEMPTS; i++) tries.push(await world.timer.runTick("check-quota"));
  assertEquals(tries.slice(-3).map(({ state, may_retry }) => [state, may_retry]), [
    ["ran", true],
    ["ran", false],
    ["settled", false],
  ]);
});

Deno.test("a database that is away fails catchUp(), and not what the next one does", async () => {
  const world = openTimer(HOURLY);
  const { latestTicks } = world.deps.runs;
  Object.assign(world.deps.runs, { latestTicks: () => Promise.reject(new StoreError("away")) });
  const error = await world.timer.catchUp().catch((thrown) => thrown);
  assertEquals(error instanceof StoreError, true);
  Object.assign(world.deps.runs, { latestTicks });
  assertEquals((await catchUp(world)).begun.length, 1);
});

Deno.test("runTick() is over when the run is, although the database is away by then", async () => {
  const world = openTimer(HOURLY);
  Object.assign(world.deps.runs, { findTick: () => Promise.reject(new StoreError("away")) });
  const { state, run, may_retry } = await world.timer.runTick("check-quota");
  assertEquals([state, run?.state, may_retry], ["ran", "succeeded", false]);
});

Deno.test("catchUp() says what became of the last try of a tick that another one followed, and how each run ended", async () => {
  const world = openTimer(HOURLY, ["failed"]);
  await world.timer.runTick("check-quota");
  await world.clock.advance(MS_PER_HOUR);
  const ends: string[] = [];
  const onEnd = ({ tick_at, run }: TickReport) => void ends.push(`${tick_at?.slice(11, 16)} ${run?.state}`);
  const { skipped } = await world.timer.catchUp({ onEnd });
  await world.timer.settle();
  assertEquals(skipped.map(({ reason }) => reason), [
    "Its run of 2026-11-26 12:00 UTC failed; the tick of 2026-11-26 13:00 UTC came after it",
  ]);
  assertEquals(ends, ["13:00 succeeded"]);
});

Deno.test("catchUp() tells the newest of the ticks that were missed in decades", async () => {
  const world = openTimer(HOURLY);
  Object.assign(world.deps.timetable, {
    note: () => Promise.resolve([{ job: "check-quota", line: "hourly", since: 0, seenAt: 0, seenBy: "a@b" }]),
  });
  const { skipped } = await catchUp(world);
  assertEquals([skipped.length, skipped.at(-1)!.tick_at], [200, "2026-11-26T11:00:00.000Z"]);
});

Deno.test("runTick() leaves a tick alone that fired too late, as after a sleep of the machine", async () => {
  const world = openTimer({ "snapshot-coverage": "daily" });
  await catchUp(world);
  await world.clock.advance(12 * MS_PER_HOUR + 5 * MS_PER_MINUTE);
  assertEquals((await world.timer.runTick("snapshot-coverage")).state, "skipped");
  assertEquals((await world.timer.runTick("snapshot-coverage")).state, "settled");
  assertEquals(world.told(), ["snapshot-coverage 11-27T00:00 skipped 1"]);
});

Deno.test("catchUp() goes on with a run whose tick was due before the first scheduler", async () => {
  const world = openTimer({ "back-up": "daily" }, ["stopped"]);
  await world.timer.runTick("back-up");
  await catchUp(world);
  assertEquals(world.told(), ["back-up 11-26T00:00 stopped 1", "back-up 11-26T00:00 succeeded 2"]);
});

import { assertEquals, assertRejects } from "@std/assert";
import type { JobName, Log, LogFields } from "@ipcascade/core";
import type { CatchUpReport, TickReport } from "@ipcascade/operations";
import type { OpenSchedule } from "@ipcascade/platform";
import { createScheduler, TickFailedError } from "./scheduler.ts";

/** A schedule whose ticks come to what they are told. */
class FakeSchedule implements OpenSchedule {
  readonly calls: string[] = [];
  catchUpMs = 3_600_000;
  /** What a tick comes to. */
  tick: (job: JobName) => Promise<TickReport> = (job) => Promise.resolve(reportOf(job, {}));
  /** What catching up begins. */
  missed: CatchUpReport["begun"] = [];
  caughtUp: (() => void) | null = null;

  runTick(job: JobName): Promise<TickReport> {
    this.calls.push(`tick ${job}`);
    return this.tick(job);
  }

  catchUp() {
    this.calls.push("catch up");
    this.caughtUp?.();
    return Promise.resolve({ operation: "catch-up", begun: this.missed, skipped: [] } as const);
  }

  settle(): Promise<void> {
    this.calls.push("settle");
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.calls.push("dispose");
    return Promise.resolve();
  }
}

function reportOf(job: JobName, parts: Partial<TickReport>): TickReport {
  const tick_at = "2026-11-29T02:00:00.000Z";
  return { operation: "run-tick", job, tick_at, state: "settled", run: null, may_retry: false, ...parts };
}

function collectLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const level = (name: string) => (message: string, fields: LogFields = {}) => {
    lines.push(`${name}: ${message} ${JSON.stringify(fields)}`);
  };
  const log = { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") };
  return { log, lines };
}

Deno.test("createScheduler() opens nothing before the first tick, and once for all of them", async () => {
  const schedule = new FakeSchedule();
  let opened = 0;
  const open = () => Promise.resolve({ log: collectLog().log, schedule, times: opened++ });
  await using scheduler = createScheduler(open);
  assertEquals(opened, 0);
  await Promise.all([scheduler.dealWithTick("back-up"), scheduler.dealWithTick("prune")]);
  await scheduler.dealWithTick("check-quota");
  assertEquals(opened, 1);
  assertEquals(schedule.calls, ["tick back-up", "tick prune", "tick check-quota"]);
});

Deno.test("dealWithTick() asks to be called again when another try may mend what failed", async () => {
  const schedule = new FakeSchedule();
  const { log, lines } = collectLog();
  await using scheduler = createScheduler(() => Promise.resolve({ log, schedule }));
  schedule.tick = (job) => Promise.resolve(reportOf(job, { state: "ran", may_retry: true }));
  const error = await assertRejects(() => scheduler.dealWithTick("update-editions"), TickFailedError);
  assertEquals(error.message, "The tick of update-editions will be tried again");
  schedule.tick = (job) => Promise.resolve(reportOf(job, { state: "skipped" }));
  await scheduler.dealWithTick("update-editions");
  const fields = '{"job":"update-editions","tick_at":"2026-11-29T02:00:00.000Z"}';
  assertEquals(lines, [`warn: The job ran ${fields}`, `warn: The tick is skipped ${fields}`]);
});

Deno.test("dealWithTick() tells of a database that is away in the log alone, and asks to be called again", async () => {
  const schedule = new FakeSchedule();
  const { log, lines } = collectLog();
  await using scheduler = createScheduler(() => Promise.resolve({ log, schedule }));
  schedule.tick = () => Promise.reject(new Error("connection refused"));
  const error = await assertRejects(() => scheduler.dealWithTick("prune"), TickFailedError);
  assertEquals([error.message.includes("refused"), error.cause], [false, undefined]);
  assertEquals(lines, ['warn: The tick can\'t be dealt with {"job":"prune","reason":"connection refused"}']);
});

Deno.test("dealWithTick() makes up for what was missed before it ends, where the process may end with it", async () => {
  const schedule = new FakeSchedule();
  const { log } = collectLog();
  await using scheduler = createScheduler(() => Promise.resolve({ log, schedule }), { endsWhenIdle: true });
  await scheduler.dealWithTick("check-quota");
  assertEquals(schedule.calls, ["tick check-quota", "catch up"]);
  const missed = { job: "back-up", tick_at: "2026-11-29T01:00:00.000Z" } as const;
  schedule.missed = [missed];
  await scheduler.dealWithTick("check-quota");
  assertEquals(schedule.calls.slice(2), ["tick check-quota", "catch up", "settle"]);
});

Deno.test("dealWithTick() opens again at the next tick what could not be opened", async () => {
  const schedule = new FakeSchedule();
  const { log } = collectLog();
  let opened = 0;
  const open = () =>
    opened++ === 0 ? Promise.reject(new TypeError("no settings")) : Promise.resolve({ log, schedule });
  await using scheduler = createScheduler(open);
  await assertRejects(() => scheduler.dealWithTick("prune"), TypeError);
  await scheduler.dealWithTick("prune");
  assertEquals(schedule.calls, ["tick prune"]);
});

Deno.test("dealWithTick() does nothing on another timeline, and says why at each tick", async () => {
  const { log, lines } = collectLog();
  const idle = { log, schedule: null, idleReason: "this is a branch" };
  await using scheduler = createScheduler(() => Promise.resolve(idle));
  await scheduler.dealWithTick("back-up");
  await scheduler.dealWithTick("prune");
  assertEquals(lines, [
    'info: No job is run here {"job":"back-up","reason":"this is a branch"}',
    'info: No job is run here {"job":"prune","reason":"this is a branch"}',
  ]);
});

Deno.test("createScheduler() catches up again and again after the first tick, also after a failure", async () => {
  const schedule = new FakeSchedule();
  schedule.catchUpMs = 1;
  const { log, lines } = collectLog();
  await using scheduler = createScheduler(() => Promise.resolve({ log, schedule }));
  await scheduler.dealWithTick("back-up");
  const keepsAlive = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => {
    let times = 0;
    schedule.caughtUp = () => {
      if (++times <= 2) throw new Error("connection refused");
      if (times === 4) resolve();
    };
  });
  clearInterval(keepsAlive);
  // An outage is told once, and so is its end.
  const told = lines.filter((line) => line.startsWith("warn") || line.includes("again"));
  assertEquals(told, [
    'warn: Missed ticks can\'t be looked for {"reason":"connection refused"}',
    'info: Missed ticks are looked for again {"after_seconds":0}',
  ]);
});

Deno.test("disposing a scheduler ends what runs, without a word about it, and takes no more ticks", async () => {
  const schedule = new FakeSchedule();
  const { log, lines } = collectLog();
  const scheduler = createScheduler(() => Promise.resolve({ log, schedule }));
  const { promise, reject } = Promise.withResolvers<TickReport>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  schedule.tick = () => {
    begin();
    return promise;
  };
  const tick = scheduler.dealWithTick("refresh-stale");
  await begun;
  const ended = scheduler[Symbol.asyncDispose]();
  reject(new DOMException("Stopped", "AbortError"));
  await Promise.all([tick, ended]);
  await scheduler.dealWithTick("prune");
  assertEquals(schedule.calls, ["tick refresh-stale", "dispose"]);
  assertEquals(lines, []);
});

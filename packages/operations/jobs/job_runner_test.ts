import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  JOB_SIGN_MS,
  type JobEnd,
  type JobPingEnd,
  type JobRun,
  JobRunningError,
  type JobStart,
  LockHeldError,
  StoreError,
} from "@ipcascade/core";
import { FakeClock } from "../../testkit/fake_clock.ts";
import { endWell } from "./job_ending.ts";
import { createJobRunner, type JobControl, type JobRunnerDeps } from "./job_runner.ts";

const STARTED = {
  endedAt: null,
  outcome: null,
  counts: {},
  error: null,
  message: null,
  tickAt: null,
  attempt: 1,
} as const;
const ORDER = { job: "refresh-stale", actor: "operate token 1", trigger: "http" } as const;

/** A runner whose runs are kept in memory, one of a job at a time. */
function openRunner(work: JobRunnerDeps["work"], isAway: () => boolean | "hangs" = () => false) {
  const clock = new FakeClock();
  const [begun, signs, logged]: [JobRun[], string[], string[]] = [[], [], []];
  const ends = new Map<string, JobEnd>();
  const pings: [string, JobPingEnd?][] = [];
  const keys = new Map<string, JobRun>();
  const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void logged.push(message) };
  const lost = new Set<string>();
  let ids = 0;
  const runner = createJobRunner({
    runs: {
      begin: (start: JobStart, { key } = {}) => {
        if (isAway() === "hangs") return new Promise(() => {});
        if (isAway() === true) return Promise.reject(new StoreError("away"));
        const known = key === undefined ? undefined : keys.get(key);
        if (known !== undefined) return Promise.resolve({ state: "repeated", run: known });
        const open = begun.find(({ id, job }) => job === start.job && !ends.has(id));
        if (open !== undefined) return Promise.resolve({ state: "running", run: open });
        const run = { ...start, ...STARTED, seenAt: start.startedAt };
        begun.push(run);
        if (key !== undefined) keys.set(key, run);
        return Promise.resolve({ state: "begun", run });
      },
      sign: (id) => Promise.resolve(signs.push(id) > 0),
    },
    openJournal: () =>
      Promise.resolve({
        start: () => Promise.resolve(),
        sign: (id: string) => Promise.resolve(signs.push(id) > 0 && !lost.has(id)),
        end: (id: string, end: JobEnd) => Promise.resolve(void ends.set(id, end)),
      }),
    pings: {
      start: (job) => Promise.resolve(void pings.push([`${job} begins`])),
      end: (job, _id, end) => Promise.resolve(void pings.push([`${job} ends`, end])),
    },
    clock,
    log,
    work,
    createId: () => `run-${++ids}`,
    digest: (text) => `digest of ${text}`,
  });
  return { runner, clock, begun, ends, signs, pings, logged, keys, lost };
}

const untilStopped = ({ stop }: JobControl) =>
  new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));

Deno.test("start() answers at once, and the run is recorded and pinged at its end", async () => {
  const gate = Promise.withResolvers<void>();
  const world = openRunner(async () => {
    await gate.promise;
    return endWell({ refreshed: 3 }, "all done");
  });
  const { run, is_new } = await world.runner.start(ORDER);
  assertEquals([run.id, run.state, run.started_by, run.actor, is_new], [
    "run-1",
    "running",
    "http",
    "operate token 1",
    true,
  ]);
  assertEquals(world.ends.size, 0);
  gate.resolve();
  await world.runner.close();
  const { outcome, counts, message } = world.ends.get("run-1")!;
  // It was told to stop before it was over, as far as the runner knows.
  assertEquals([outcome, counts, message], ["stopped", { refreshed: 3 }, "all done"]);
  assertEquals(world.pings.map(([what]) => what), ["refresh-stale begins", "refresh-stale ends"]);
});

Deno.test("start() refuses a second run and names the first, and gives a key's run again", async () => {
  const world = openRunner(async (_job, control) => {
    await untilStopped(control);
    return endWell({});
  });
  const first = await world.runner.start({ ...ORDER, key: "k" });
  const again = await world.runner.start({ ...ORDER, key: "k" });
  assertEquals([again.is_new, again.run.id, [...world.keys.keys()]], [false, first.run.id, ["digest of k"]]);
  const error = await assertRejects(() => world.runner.start(ORDER), JobRunningError);
  assertEquals((error as JobRunningError).runId, first.run.id);
  // A run of this very process is alive, whenever it gave its last sign.
  assertEquals(world.signs, ["run-1", "run-1"]);
  await world.runner.close();
  await assertRejects(() => world.runner.start(ORDER), StoreError, "the process ends");
});

Deno.test("a job that throws leaves a record and a ping, and nothing else", async () => {
  const cases = [
    { error: new StoreError("no disk"), outcome: "failed", status: 1, code: "STORE_FAILED" },
    { error: new LockHeldError("taken"), outcome: "skipped", status: 5, code: "LOCK_HELD" },
    { error: new TypeError("undefined is no function"), outcome: "failed", status: 1, code: "INTERNAL" },
  ] as const;
  for (const { error, outcome, status, code } of cases) {
    const world = openRunner(() => {
      throw error;
    });
    await world.runner.start(ORDER);
    while (world.logged.length === 0) await Promise.resolve();
    const end = world.ends.get("run-1")!;
    assertEquals([end.outcome, end.error?.code], [outcome, code]);
    assertEquals(world.pings[1]![1]!.exitStatus, status);
    assert(world.pings[1]![1]!.output.includes(error.message));
    assertEquals(world.logged, ["A run of a job ended with an error"]);
    await world.runner.close();
  }
});

Deno.test("a run gives signs of life with what it counted", async () => {
  const world = openRunner(async (_job, control) => {
    control.count({ refreshed: 1 });
    await untilStopped(control);
    return endWell({});
  });
  await world.runner.start(ORDER);
  await world.clock.waitForSleepers(1);
  await world.clock.advance(JOB_SIGN_MS);
  assertEquals(world.signs, ["run-1"]);
  await world.runner.close();
  assertEquals(world.ends.get("run-1")!.counts, { refreshed: 1 });
});

Deno.test("close() stops, then gives up, then leaves work that hangs; each is recorded as stopped", async () => {
  const seen: string[] = [];
  const world = openRunner(async (job, control) => {
    control.stop.addEventListener("abort", () => seen.push(`${job} stop`));
    control.abort.addEventListener("abort", () => seen.push(`${job} abort`));
    if (job === "back-up") await untilStopped(control);
    else await new Promise(() => {});
    return endWell({ rows: 1 });
  });
  await world.runner.start({ ...ORDER, job: "back-up" });
  await world.runner.start(ORDER);
  let isClosed = false;
  const closing = world.runner.close().then(() => isClosed = true);
  await world.clock.waitForSleepers(2);
  assertEquals([seen, isClosed], [["back-up stop", "refresh-stale stop"], false]);
  await world.clock.advance(3_000);
  assertEquals(seen.slice(2), ["back-up abort", "refresh-stale abort"]);
  await world.clock.waitForSleepers(2);
  await world.clock.advance(1_000);
  await closing;
  assertEquals([...world.ends.values()].map(({ outcome }) => outcome), ["stopped", "stopped"]);
  assertEquals(world.clock.sleepers, 0);
});

Deno.test("start() begins nothing that nobody waits for any more, and stops what began on the way", async () => {
  const worked: string[] = [];
  const world = openRunner((job) => {
    worked.push(job);
    return Promise.resolve(endWell({}, "done"));
  });
  const signal = AbortSignal.abort(new Error("given up"));
  await assertRejects(() => world.runner.start({ ...ORDER, signal }), Error, "given up");
  assertEquals(world.begun, []);
  const leaving = new AbortController();
  const started = world.runner.start({ ...ORDER, signal: leaving.signal });
  leaving.abort();
  await started;
  await world.runner.close();
  assertEquals([worked, world.ends.get("run-1")?.outcome], [[], "stopped"]);
});

Deno.test("a run is stopped at its deadline, given up later, and has failed", async () => {
  const seen: string[] = [];
  const world = openRunner(async (_job, control) => {
    control.abort.addEventListener("abort", () => seen.push("abort"));
    await untilStopped(control);
    seen.push("stop");
    await new Promise<void>((resolve) => control.abort.addEventListener("abort", () => resolve()));
    return endWell({ rows: 1 }, "all done");
  });
  const { ended } = await world.runner.begin({ ...ORDER, job: "prune" });
  await world.clock.waitForSleepers(2);
  await world.clock.advance(3_600_000);
  assertEquals(seen, ["stop"]);
  await world.clock.waitForSleepers(2);
  await world.clock.advance(30_000);
  assertEquals((await ended)?.outcome, "failed");
  assertEquals(seen, ["stop", "abort"]);
  const { outcome, error } = world.ends.get("run-1")!;
  assertEquals([outcome, error?.code], ["failed", "JOB_DEADLINE"]);
  await world.runner.close();
  assertEquals(world.clock.sleepers, 0);
});

Deno.test("a run whose place another one took is given up", async () => {
  const world = openRunner(async (_job, control) => {
    await untilStopped(control);
    if (!control.abort.aborted) throw new Error("not given up");
    return endWell({});
  });
  const { ended } = await world.runner.begin(ORDER);
  world.lost.add("run-1");
  await world.clock.waitForSleepers(2);
  await world.clock.advance(JOB_SIGN_MS);
  await ended;
  assertEquals(world.logged[0]?.startsWith("Another run took the place of this one"), true);
  await world.runner.close();
});

Deno.test("a timer's job that tells people runs without a record while the database is away, others don't", async () => {
  const worked: string[] = [];
  const world = openRunner((job) => {
    worked.push(job);
    return Promise.resolve(endWell({}));
  }, () => true);
  const order = { actor: "a@b", trigger: "timer" } as const;
  const { state, ended } = await world.runner.begin({ ...order, job: "check-health" });
  await ended;
  await assertRejects(() => world.runner.begin({ ...order, job: "back-up" }), StoreError, "away");
  await assertRejects(() => world.runner.begin({ ...ORDER, job: "check-health" }), StoreError, "away");
  assertEquals([state, worked], ["begun", ["check-health"]]);
  await world.runner.close();
});

Deno.test("begin() tells the work which tick it is for, also while the database is away", async () => {
  const ticks: (number | null)[] = [];
  let isAway = false;
  const world = openRunner((_job, { tickAt }) => {
    ticks.push(tickAt);
    return Promise.resolve(endWell({}));
  }, () => isAway);
  await (await world.runner.begin({ ...ORDER, job: "check-health" })).ended;
  isAway = true;
  const order = { ...ORDER, job: "check-health", trigger: "timer", tickAt: 360_000 } as const;
  await (await world.runner.begin(order)).ended;
  assertEquals(ticks, [null, 360_000]);
});

Deno.test("a timer's job that tells people does not wait for ever for a database that hangs", async () => {
  const worked: string[] = [];
  const world = openRunner((job) => {
    worked.push(job);
    return Promise.resolve(endWell({}));
  }, () => "hangs");
  const begun = world.runner.begin({ ...ORDER, job: "check-health", trigger: "timer" });
  await world.clock.waitForSleepers(1);
  await world.clock.advance(9_999);
  assertEquals(worked, []);
  await world.clock.advance(1);
  await (await begun).ended;
  assertEquals(worked, ["check-health"]);
  assertEquals(world.logged, ["The database is away: others may run the job as well"]);
});

import { assertEquals, assertRejects } from "@std/assert";
import { type JobBeginState, type JobRun, JobRunningError } from "@ipcascade/core";
import { endWell } from "./job_ending.ts";
import type { BegunRun } from "./job_runner.ts";
import { runJobHere, type RunJobHereOptions } from "./run_job_here.ts";

const RUN: JobRun = {
  id: "other",
  job: "prune",
  trigger: "timer",
  actor: "op@elsewhere",
  startedAt: 0,
  seenAt: 0,
  endedAt: null,
  outcome: null,
  counts: {},
  error: null,
  message: null,
  tickAt: null,
  attempt: 1,
};
const NEVER = new AbortController().signal;

/** A runner that gives these states, the last one again and again; its clock stands still but for what is slept. */
function createWorld(states: readonly JobBeginState[], found: readonly Partial<JobRun>[] = []) {
  let [begun, looked, at] = [0, 0, 0];
  const waits: string[] = [];
  const deps = {
    runner: {
      begin: (): Promise<BegunRun> => {
        const state = states[Math.min(begun++, states.length - 1)]!;
        const run = state === "conflicting" ? { ...RUN, job: "back-up" as const } : RUN;
        return Promise.resolve({
          state,
          run,
          ended: state === "begun" ? Promise.resolve(endWell({ n: 1 })) : null,
        });
      },
    },
    runs: { find: () => Promise.resolve({ ...RUN, ...found[Math.min(looked++, found.length - 1)] }) },
    clock: { elapsed: () => at, sleep: (ms: number) => Promise.resolve(void (at += ms)) },
  };
  const run = (options: Partial<RunJobHereOptions> = {}) =>
    runJobHere(deps, {
      job: "prune",
      actor: "me@here",
      signals: { stop: NEVER, abort: NEVER },
      waitMs: 60_000,
      onWait: ({ job }) => waits.push(job),
      ...options,
    });
  return { run, waits };
}

Deno.test("runJobHere() runs after a job that it conflicts with, and tells of it once", async () => {
  const { run, waits } = createWorld(["conflicting", "conflicting", "begun"]);
  assertEquals(await run(), { state: "ran", ending: endWell({ n: 1 }) });
  assertEquals(waits, ["back-up"]);
});

Deno.test("runJobHere() watches a run of the job elsewhere until its end", async () => {
  const { run } = createWorld(["running"], [{}, { outcome: "failed" }]);
  assertEquals(await run(), { state: "watched", run: { ...RUN, outcome: "failed" } });
});

Deno.test("runJobHere() takes the place of a run that got lost", async () => {
  const { run } = createWorld(["running", "begun"], [{ outcome: "lost" }]);
  assertEquals((await run()).state, "ran");
});

Deno.test("runJobHere() throws what is in the way when it does not wait, or waited in vain", async () => {
  for (const waitMs of [null, 3_000]) {
    const error = await assertRejects(() => createWorld(["conflicting"]).run({ waitMs }), JobRunningError);
    assertEquals([error.runId, error.runJob, error.job], ["other", "back-up", "prune"]);
  }
});

Deno.test("runJobHere() begins nothing once it is told to stop", async () => {
  const stop = AbortSignal.abort();
  assertEquals(await createWorld(["begun"]).run({ signals: { stop, abort: NEVER } }), { state: "stopped" });
});

import { JOB_SIGN_MS, type JobEnd, type JobSign, type JobStart, StoreError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import { FakeClock } from "@ipcascade/testkit";
import { type JobRecordOptions, recordJob } from "./record_job.ts";

const OPTIONS: JobRecordOptions = { id: "run", job: "back-up", trigger: "command", actor: "a@b" };

/** A journal that keeps what it is told, and fails when it is broken. */
function openJournal({ broken = false } = {}) {
  const told: (JobStart | JobSign | JobEnd)[] = [];
  const warnings: string[] = [];
  const tell = (event: JobStart | JobSign | JobEnd) => {
    if (broken) return Promise.reject(new StoreError("no database"));
    told.push(event);
    return Promise.resolve();
  };
  const clock = new FakeClock("2026-11-23T12:00:00Z");
  const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) };
  const journal = {
    start: tell,
    sign: (_id: string, sign: JobSign) => tell(sign).then(() => true),
    end: (_id: string, end: JobEnd) => tell(end),
  };
  return { told, warnings, clock, deps: { journal, clock, log } };
}

Deno.test("recordJob() records start, signs of life with counts, and the end", async () => {
  const { told, clock, deps } = openJournal();
  const startedAt = clock.now();
  const value = await recordJob(deps, OPTIONS, async (count) => {
    count({ saved: 1 });
    await clock.waitForSleepers(1);
    await clock.advance(JOB_SIGN_MS);
    await clock.waitForSleepers(1);
    return { value: 7, outcome: "succeeded", counts: { saved: 2 }, message: "done" };
  });
  assertEquals(value, 7);
  assertEquals(told, [
    { id: "run", job: "back-up", trigger: "command", actor: "a@b", startedAt },
    { at: startedAt + JOB_SIGN_MS, counts: { saved: 1 } },
    {
      outcome: "succeeded",
      counts: { saved: 2 },
      error: null,
      message: "done",
      endedAt: startedAt + JOB_SIGN_MS,
    },
  ]);
  assertEquals(clock.sleepers, 0);
});

Deno.test("recordJob() records what the work throws, and throws it on", async () => {
  const { told, deps, clock } = openJournal();
  const work = () => Promise.reject(new StoreError("disk full"));
  await assertRejects(
    () => recordJob(deps, { ...OPTIONS, outcomeOf: () => "stopped" }, work),
    StoreError,
    "disk full",
  );
  const { outcome, error } = told[1] as JobEnd;
  assertEquals([outcome, error?.message], ["stopped", "disk full"]);
  assertEquals(clock.sleepers, 0);
});

Deno.test("recordJob() does the work also when nothing can be recorded, and says so", async () => {
  const { warnings, deps } = openJournal({ broken: true });
  assertEquals(await recordJob(deps, OPTIONS, () => Promise.resolve({ value: 1, outcome: "succeeded" })), 1);
  assertEquals(warnings, ["The run can't be recorded", "The run can't be recorded"]);
});

import { assertEquals } from "@std/assert";
import { JOB_NAMES, type JobSchedules, MS_PER_HOUR } from "@ipcascade/core";
import { listNextTicks } from "./next_ticks.ts";

const NOW = Date.UTC(2026, 10, 27, 3, 30);
const OFF = Object.fromEntries(JOB_NAMES.map((job) => [job, null])) as JobSchedules;

/** Lines of this test are hours between two ticks; `never` never ticks. */
function nextTick(line: string, at: number): number | null {
  const stepMs = Number(line) * MS_PER_HOUR;
  return line === "never" ? null : (Math.floor(at / stepMs) + 1) * stepMs;
}

function deps(schedules: Partial<JobSchedules>) {
  return { schedules: { ...OFF, ...schedules }, clock: { now: () => NOW }, nextTick };
}

Deno.test("listNextTicks() gives the ticks of all jobs in order of time, those of one instant by the catalogue", () => {
  const { at, ticks, off } = listNextTicks(
    deps({ "back-up": "4", "check-quota": "2", "prune": "never" }),
    { limit: 5 },
  );
  assertEquals(ticks.map(({ tick_at, job }) => `${tick_at.slice(11, 16)} ${job}`), [
    "04:00 check-quota",
    "04:00 back-up",
    "06:00 check-quota",
    "08:00 check-quota",
    "08:00 back-up",
  ]);
  assertEquals([at, off.length], ["2026-11-27T03:30:00.000Z", JOB_NAMES.length - 3]);
});

Deno.test("listNextTicks() gives one tick of each job when nobody says how many, and those of one job only", () => {
  const world = deps({ "back-up": "6", "check-quota": "2", "prune": "24" });
  assertEquals(listNextTicks(world).ticks.map(({ job }) => job), ["check-quota", "back-up", "prune"]);
  const quota = listNextTicks(world, { job: "check-quota", limit: 2 });
  assertEquals(quota.ticks.map(({ tick_at, job }) => `${tick_at.slice(11, 16)} ${job}`), [
    "04:00 check-quota",
    "06:00 check-quota",
  ]);
  const off = listNextTicks(world, { job: "recover-editions" });
  assertEquals([off.ticks, off.off], [[], ["recover-editions"]]);
});

Deno.test("listNextTicks() ends when every job is off or never ticks", () => {
  assertEquals(listNextTicks(deps({}), { limit: 5 }).ticks, []);
  assertEquals(listNextTicks(deps({ "prune": "never" }), { limit: 5 }).ticks, []);
});

Deno.test("listNextTicks() gives one tick of each job that is on, the earliest first", () => {
  const { ticks } = listNextTicks(deps({ "check-quota": "24", "back-up": "1" }));
  assertEquals(ticks.map(({ job, schedule }) => [job, schedule]), [["back-up", "1"], ["check-quota", "24"]]);
});

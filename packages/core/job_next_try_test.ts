import { assertEquals } from "@std/assert";
import { MS_PER_DAY } from "./clock.ts";
import { nextTryAt } from "./job_next_try.ts";
import type { JobRun } from "./job_run.ts";

const TICK = Date.UTC(2026, 10, 26, 3);
const NOW = TICK + 600_000;
const ENDED = TICK + 60_000;

const RUN: JobRun = {
  id: "x",
  job: "refresh-stale",
  trigger: "timer",
  actor: "a@b",
  startedAt: TICK,
  seenAt: ENDED,
  endedAt: ENDED,
  outcome: "failed",
  counts: {},
  error: null,
  message: null,
  tickAt: TICK,
  attempt: 1,
};

Deno.test("nextTryAt() knows when a scheduler goes on with a tick", () => {
  const cases: readonly [name: string, fields: Partial<JobRun>, expected: number | null][] = [
    ["failed once", {}, ENDED + 60_000],
    ["failed twice", { attempt: 2 }, ENDED + 600_000],
    ["failed for good", { attempt: 8 }, null],
    ["lost too often", { attempt: 3, outcome: "lost" }, null],
    ["stopped", { outcome: "stopped" }, ENDED],
    ["lost", { outcome: "lost" }, ENDED + 40_000],
    ["killed", { outcome: null, endedAt: null }, ENDED + 40_000],
    ["running", { outcome: null, endedAt: null, seenAt: NOW }, null],
    ["done", { outcome: "succeeded" }, null],
    ["for no tick", { tickAt: null }, null],
    ["too late for its tick", { endedAt: TICK + 6 * MS_PER_DAY }, null],
  ];
  for (const [name, fields, expected] of cases) {
    assertEquals(nextTryAt({ ...RUN, ...fields }, NOW), expected, name);
  }
});

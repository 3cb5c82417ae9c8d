import { assertEquals, assertMatch } from "@std/assert";
import { MS_PER_DAY, MS_PER_HOUR } from "./clock.ts";
import { gradeJob, type JobFacts } from "./job_health.ts";
import type { JobRun } from "./job_run.ts";

const NOW = Date.UTC(2026, 10, 26, 6);
const TICK = NOW - 3 * MS_PER_HOUR;

function run(fields: Partial<JobRun> = {}): JobRun {
  const startedAt = fields.startedAt ?? TICK;
  return {
    id: "x",
    job: "refresh-stale",
    trigger: "timer",
    actor: "a@b",
    startedAt,
    seenAt: startedAt + 60_000,
    endedAt: startedAt + 60_000,
    outcome: "succeeded",
    counts: { done: 10 },
    error: null,
    message: null,
    ...fields,
  };
}

function facts(fields: Partial<JobFacts> = {}): JobFacts {
  return {
    job: "refresh-stale",
    schedule: "0 3 * * *",
    tickAt: TICK,
    firstAt: NOW - 60 * MS_PER_DAY,
    latest: run(),
    earlier: [],
    ...fields,
  };
}

Deno.test("gradeJob() tells of a run that began in the future, by a clock that is or was wrong", () => {
  const describe = (startedAt: number) => gradeJob(facts({ latest: run({ startedAt }) }), NOW).message;
  assertEquals(
    describe(NOW + MS_PER_HOUR),
    "done at 2026-11-26 07:00 UTC, which is still to come: see that the clocks are right",
  );
  assertEquals(describe(NOW + 60_000), "done 0 min ago", "clocks of two machines differ a little");
});

const lost = { endedAt: null, outcome: null };
const six = (fields: Partial<JobRun>) => Array.from({ length: 6 }, () => run(fields));
const HOUR_LONG = { endedAt: TICK + MS_PER_HOUR, counts: { done: 1_000 } };
const FAST = { endedAt: TICK + 60_000, counts: { done: 900 } };

const CASES: readonly [name: string, fields: Partial<JobFacts>, state: string, grade: string][] = [
  ["done", {}, "succeeded", "ok"],
  ["switched off", { schedule: null, tickAt: null, latest: null }, "off", "ok"],
  [
    "switched off, but failed by hand",
    {
      schedule: null,
      tickAt: null,
      latest: run({ outcome: "failed" }),
    },
    "failed",
    "warning",
  ],
  ["new database", { firstAt: TICK + 1, latest: null }, "not_due", "info"],
  ["first tick not over", { firstAt: TICK, latest: null }, "not_due", "info"],
  ["never ran", { latest: null }, "never_ran", "warning"],
  ["a line that never ticks", { tickAt: null, latest: null }, "not_due", "info"],
  ["begun a minute before its tick", { latest: run({ startedAt: TICK - 60_000 }) }, "succeeded", "ok"],
  ["late", { latest: run({ startedAt: TICK - 60_001 }) }, "late", "warning"],
  ["failed", { latest: run({ outcome: "failed" }) }, "failed", "warning"],
  ["killed", { latest: run(lost) }, "lost", "warning"],
  ["running", { latest: run({ ...lost, seenAt: NOW - 10_000 }) }, "running", "ok"],
  ["partly failed", { latest: run({ outcome: "partly_failed" }) }, "partly_failed", "info"],
  ["stopped", { latest: run({ outcome: "stopped" }) }, "stopped", "info"],
  ["skipped", { latest: run({ outcome: "skipped" }) }, "skipped", "info"],
  [
    "as much as ever in a tenth of the time",
    { latest: run(FAST), earlier: six(HOUR_LONG) },
    "too_fast",
    "warning",
  ],
  ["too few to compare", { latest: run(FAST), earlier: six(HOUR_LONG).slice(2) }, "succeeded", "ok"],
  [
    "little was due",
    {
      latest: run({ ...FAST, counts: { done: 100 } }),
      earlier: six(HOUR_LONG),
    },
    "succeeded",
    "ok",
  ],
  ["nothing was due", { latest: run({ ...FAST, counts: {} }), earlier: six(HOUR_LONG) }, "succeeded", "ok"],
  [
    "a backup of little in no time",
    {
      job: "back-up",
      latest: run({ ...FAST, counts: { rows: 1 } }),
      earlier: six(HOUR_LONG),
    },
    "too_fast",
    "warning",
  ],
  [
    "a backup of nothing",
    {
      job: "back-up",
      latest: run({ ...HOUR_LONG, counts: {} }),
      earlier: six(HOUR_LONG),
    },
    "did_nothing",
    "warning",
  ],
  [
    "always short",
    {
      latest: run({ endedAt: TICK + 100 }),
      earlier: six({ endedAt: TICK + 9_000 }),
    },
    "succeeded",
    "ok",
  ],
  [
    "a health check that failed before",
    {
      job: "check-health",
      latest: run({ outcome: "failed" }),
    },
    "succeeded",
    "ok",
  ],
  [
    "a health check that is late",
    {
      job: "check-health",
      latest: run({ outcome: "failed", startedAt: TICK - MS_PER_DAY }),
    },
    "late",
    "warning",
  ],
];

Deno.test("gradeJob() tells how each run went and whether the next one is late", () => {
  for (const [name, fields, state, grade] of CASES) {
    const found = gradeJob(facts(fields), NOW);
    assertEquals([found.state, found.grade], [state, grade], `${name}: ${found.message}`);
  }
});

Deno.test("gradeJob() says when, and why it failed", () => {
  const failed = run({ outcome: "failed", error: { code: "X", message: "no way" } });
  assertEquals(gradeJob(facts({ latest: failed }), NOW).message, "failed at 2026-11-26 03:00 UTC: no way");
  const late = gradeJob(facts({ latest: run({ startedAt: TICK - 3 * MS_PER_DAY }) }), NOW);
  const idle = gradeJob(facts({ firstAt: TICK, latest: null }), NOW);
  assertMatch(
    idle.message,
    /^has not run yet, nor is it late: 0 3 \* \* \* \(UTC\) is when a timer should start it$/,
  );
  assertMatch(late.message, /due at 2026-11-26 03:00 UTC \(0 3 \* \* \*\), last begun 3 d ago/);
});

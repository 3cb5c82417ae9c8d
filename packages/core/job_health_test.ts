import { assertEquals, assertMatch } from "@std/assert";
import { alertGrade, type AlertState, planAlert, recordObservation, recordTelling } from "./alert.ts";
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
    tickAt: null,
    attempt: 1,
    ...fields,
  };
}

function facts(fields: Partial<JobFacts> = {}): JobFacts {
  return {
    job: "refresh-stale",
    schedule: "0 3 * * *",
    tickAt: TICK,
    firstAt: NOW - 60 * MS_PER_DAY,
    waitsFor: null,
    latest: run(),
    hasWaited: false,
    hasFailedBefore: false,
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
  assertEquals(describe(NOW + 60_000), "done 0 s ago", "clocks of two machines differ a little");
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
  [
    "partly failed for a reason",
    { latest: run({ outcome: "partly_failed", error: { code: "EDITION_REFUSED", message: "no" } }) },
    "partly_failed",
    "warning",
  ],
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

const ON_TIME = { tickAt: TICK, attempt: 1 } as const;
const MADE_UP = run({ tickAt: TICK - 2 * MS_PER_HOUR, endedAt: TICK + 60_000 });
const MISSED = {
  outcome: "skipped",
  error: { code: "TICK_MISSED", message: "The tick of 03:00 was not run: No scheduler ran it" },
} as const;
const failed = (fields: Partial<JobRun>) => run({ ...ON_TIME, outcome: "failed", ...fields });
const justNow = {
  tickAt: NOW - 90_000,
  startedAt: NOW - 90_000,
  endedAt: NOW - 60_000,
  seenAt: NOW - 60_000,
};

const TIMER_CASES: typeof CASES = [
  ["on its tick", { latest: run(ON_TIME) }, "succeeded", "ok"],
  ["waiting for another", { latest: null, waitsFor: "back-up" }, "waiting", "ok"],
  [
    "late while another runs",
    { latest: run({ startedAt: NOW - 9 * MS_PER_DAY }), waitsFor: "back-up" },
    "waiting",
    "ok",
  ],
  ["made up", { latest: MADE_UP }, "made_up", "warning"],
  ["made up, and runs", { latest: { ...MADE_UP, ...lost, seenAt: NOW } }, "made_up", "warning"],
  ["made up, in part", { latest: { ...MADE_UP, outcome: "partly_failed" } }, "made_up", "warning"],
  ["begun late as another ran", { latest: MADE_UP, hasWaited: true }, "succeeded", "ok"],
  ["a later try of a tick that was begun in time", { latest: { ...MADE_UP, attempt: 2 } }, "succeeded", "ok"],
  [
    "made up yesterday",
    {
      tickAt: null,
      latest: run({ startedAt: NOW - 23 * MS_PER_HOUR, tickAt: NOW - 30 * MS_PER_HOUR }),
    },
    "succeeded",
    "ok",
  ],
  ["missed", { latest: run({ ...ON_TIME, ...MISSED }) }, "missed", "warning"],
  ["a missed look", { job: "check-health", latest: run({ ...ON_TIME, ...MISSED }) }, "missed", "warning"],
  [
    "left to another process",
    { latest: run({ outcome: "skipped", error: { code: "LOCK_HELD", message: "busy" } }) },
    "skipped",
    "info",
  ],
  ["failed with tries left", { latest: failed(justNow) }, "retrying", "info"],
  ["failed, and its next try did not come", { latest: failed({}) }, "failed", "warning"],
  [
    "failed again, like the tick before",
    { latest: failed(justNow), hasFailedBefore: true },
    "failed",
    "warning",
  ],
  [
    "stopped as often as it is tried",
    { latest: run({ ...ON_TIME, outcome: "stopped", attempt: 8 }) },
    "stopped",
    "warning",
  ],
  ["failed for good", { latest: failed({ ...justNow, attempt: 8 }) }, "failed", "warning"],
  [
    "failed, and switched off since",
    { schedule: null, tickAt: null, latest: failed(justNow) },
    "failed",
    "warning",
  ],
  [
    "failed for what another try can't mend",
    { latest: failed({ ...justNow, error: { code: "BAD_USAGE", message: "no" } }) },
    "failed",
    "warning",
  ],
  [
    "past its deadline",
    { latest: failed({ ...justNow, error: { code: "JOB_DEADLINE", message: "too long" } }) },
    "too_slow",
    "warning",
  ],
  [
    "killed, and about to be taken over",
    { latest: run({ ...ON_TIME, ...lost, seenAt: NOW - 50_000 }) },
    "retrying",
    "info",
  ],
  [
    "killed once more",
    { latest: run({ ...ON_TIME, ...lost, attempt: 2, seenAt: NOW - 50_000 }) },
    "lost",
    "warning",
  ],
  ["stopped, and about to go on", { latest: run({ ...ON_TIME, outcome: "stopped" }) }, "stopped", "info"],
];

Deno.test("gradeJob() tells what became of a tick", () => {
  for (const [name, fields, state, grade] of TIMER_CASES) {
    const found = gradeJob(facts(fields), NOW);
    assertEquals([found.state, found.grade], [state, grade], `${name}: ${found.message}`);
  }
});

Deno.test("gradeJob() says when a try follows, what was late and what is waited for", () => {
  const describe = (fields: Partial<JobFacts>) => gradeJob(facts(fields), NOW).message;
  const error = { code: "X", message: "no way" };
  assertEquals(
    describe({ latest: failed({ ...justNow, attempt: 2, error }) }),
    "failed at 2026-11-26 05:58 UTC: no way; try 3 of 8 follows at 2026-11-26 06:09 UTC",
  );
  assertEquals(
    describe({ latest: failed({ ...justNow, attempt: 8, error }) }),
    "failed at 2026-11-26 05:58 UTC: no way; it was try 8 of 8",
  );
  assertEquals(
    describe({ latest: MADE_UP }),
    "was made up 3 h ago: due at 2026-11-26 01:00 UTC, and not begun for 2 h",
  );
  assertEquals(
    describe({ latest: null, waitsFor: "back-up" }),
    "waits since 2026-11-26 03:00 UTC for the end of back-up",
  );
  assertEquals(
    describe({ latest: run({ ...lost, attempt: 2, seenAt: NOW }) }),
    "runs since 2026-11-26 03:00 UTC (try 2 of 8)",
  );
  assertMatch(describe({ latest: null }), /^never ran, .*: nothing started it$/);
  assertMatch(describe({ latest: run({ ...ON_TIME, ...MISSED }) }), /^the tick of 03:00 was not run: /);
});

Deno.test("gradeJob() has a run that was made up told at most once, and told to be over", () => {
  const began = NOW;
  const latest = run({ tickAt: NOW - 5 * MS_PER_HOUR, startedAt: began });
  for (const everyMs of [5 * 60_000, MS_PER_HOUR, MS_PER_DAY]) {
    for (let offset = 60_000; offset < everyMs; offset += everyMs / 7) {
      let state: AlertState | null = null;
      const told: string[] = [];
      for (let at = began + offset; at < began + 3 * MS_PER_DAY; at += everyMs) {
        const { grade } = gradeJob(facts({ latest, tickAt: null }), at);
        state = recordObservation(state, { key: "k", grade, title: "", message: "", fix: null, at });
        const kind = planAlert(state, at);
        if (kind === null) continue;
        told.push(kind);
        state = recordTelling(state, alertGrade(grade), at);
      }
      const expected = offset < 23 * MS_PER_HOUR ? ["fire", "recover"] : [];
      assertEquals(told, expected, `every ${everyMs} ms, first after ${offset} ms`);
    }
  }
});

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
    /^has not run yet, nor is it late: 0 3 \* \* \* \(UTC\) is when a scheduler or cron starts it$/,
  );
  assertMatch(late.message, /due at 2026-11-26 03:00 UTC \(0 3 \* \* \*\), last begun 3 d ago/);
});

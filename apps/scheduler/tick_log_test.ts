import { assertEquals } from "@std/assert";
import { createStderrLog } from "@ipcascade/platform";
import type { TickReport } from "@ipcascade/operations";
import { logCatchUp, logTick } from "./tick_log.ts";

const TICK = "2026-11-29T02:00:00.000Z";

const RUN: NonNullable<TickReport["run"]> = {
  id: "5f0c",
  job: "update-editions",
  state: "succeeded",
  started_by: "timer",
  actor: "root@honeypot",
  tick_at: TICK,
  attempt: 1,
  started_at: TICK,
  ended_at: TICK,
  duration_ms: 0,
  counts: {},
  message: "installed",
  error: null,
};

function linesOf(write: (log: ReturnType<typeof createStderrLog>) => void): readonly string[] {
  const lines: string[] = [];
  write(createStderrLog({ level: "info", write: (line) => lines.push(line) }));
  return lines;
}

function tick(parts: Partial<TickReport>): TickReport {
  const state = "ran";
  return {
    operation: "run-tick",
    job: "update-editions",
    tick_at: TICK,
    state,
    run: RUN,
    may_retry: false,
    ...parts,
  };
}

Deno.test("logTick() writes how a run ended, as a warning where it did not succeed", () => {
  const failed = { code: "DOWNLOAD_FAILED", message: "no route" };
  const reports = [
    tick({}),
    tick({ run: { ...RUN, state: "failed", attempt: 2, message: null, error: failed }, may_retry: true }),
  ];
  assertEquals(linesOf((log) => reports.forEach((report) => logTick(log, report))), [
    `info: The job ran job=update-editions tick_at=${TICK} run=5f0c outcome=succeeded attempt=1 said=installed\n`,
    `warn: The job ran job=update-editions tick_at=${TICK} run=5f0c outcome=failed attempt=2 reason="no route"\n`,
  ]);
});

Deno.test("logTick() writes why no run of a tick ended here", () => {
  const reports = [
    tick({ state: "running" }),
    tick({ state: "settled" }),
    tick({ state: "skipped", run: null }),
    tick({ state: "off", run: null, tick_at: null }),
  ];
  assertEquals(linesOf((log) => reports.forEach((report) => logTick(log, report))), [
    `info: The job runs elsewhere job=update-editions tick_at=${TICK} run=5f0c\n`,
    `info: The tick was dealt with before job=update-editions tick_at=${TICK} run=5f0c\n`,
    `warn: The tick is skipped job=update-editions tick_at=${TICK}\n`,
    "info: The job is off job=update-editions\n",
  ]);
});

Deno.test("logCatchUp() writes a line for each tick, and none where there was nothing", () => {
  const nothing = { operation: "catch-up", begun: [], skipped: [] } as const;
  assertEquals(linesOf((log) => logCatchUp(log, nothing)), []);
  const begun = [{ job: "prune", tick_at: TICK }] as const;
  const skipped = [{ job: "check-quota", tick_at: TICK, reason: "too late" }] as const;
  assertEquals(linesOf((log) => logCatchUp(log, { ...nothing, begun, skipped })), [
    `info: The tick is dealt with now job=prune tick_at=${TICK}\n`,
    `warn: The tick is skipped job=check-quota tick_at=${TICK} reason="too late"\n`,
  ]);
});

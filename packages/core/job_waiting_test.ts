import { assertEquals } from "@std/assert";
import { MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import type { JobName } from "./job.ts";
import type { JobRun } from "./job_run.ts";
import { hasWaited } from "./job_waiting.ts";

const SINCE = Date.UTC(2026, 10, 22, 6);

function other(job: JobName, from: number, to: number | null): JobRun {
  const startedAt = SINCE + from * MS_PER_HOUR;
  const endedAt = to === null ? null : SINCE + to * MS_PER_HOUR;
  const rest = { id: "x", trigger: "timer", actor: "a@b", counts: {}, error: null, message: null } as const;
  const seenAt = endedAt ?? startedAt + MS_PER_HOUR;
  return { ...rest, job, startedAt, endedAt, seenAt, outcome: null, tickAt: null, attempt: 1 };
}

Deno.test("hasWaited() tells a job that stood in line from one that nobody began", () => {
  const run = { job: "backfill-asn", startedAt: SINCE + 4 * MS_PER_HOUR + MS_PER_MINUTE } as const;
  const cases: readonly [name: string, others: readonly JobRun[], expected: boolean][] = [
    ["behind one", [other("refresh-stale", -2, 4)], true],
    ["behind two, newest first", [other("prune", 1, 4), other("refresh-stale", -2, 1)], true],
    ["behind one that was killed", [
      other("refresh-stale", 0, 2),
      other("back-up", 2, null),
      other("prune", 3, 4),
    ], true],
    ["while the first was not there", [other("refresh-stale", 3, 4)], false],
    ["long after the last", [other("refresh-stale", -2, 3)], false],
    ["beside one that it may run beside", [other("check-health", -2, 4)], false],
    ["behind nothing", [], false],
  ];
  for (const [name, others, expected] of cases) assertEquals(hasWaited(run, others, SINCE), expected, name);
});

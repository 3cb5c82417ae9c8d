import { assertEquals } from "@std/assert";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";
import { gradeScheduler, type SchedulerFacts } from "./scheduler_health.ts";

const NOW = Date.UTC(2026, 10, 26, 6);

function facts(agoMs: number, fields: Partial<SchedulerFacts> = {}): SchedulerFacts {
  const seen = { at: NOW - agoMs, by: "root@pot-1" };
  return { seen, otherLines: [], missed: [], begunElsewhere: [], isEmbedded: false, ...fields };
}

Deno.test("gradeScheduler() judges by what was missed, not by silence", () => {
  const cases: readonly [facts: SchedulerFacts, grade: string, state: string, message: string][] = [
    [facts(20_000), "ok", "at_work", "seen 20 s ago, root@pot-1"],
    [facts(3 * MS_PER_MINUTE), "ok", "at_work", "seen 3 min ago, root@pot-1"],
    [
      facts(12 * MS_PER_MINUTE),
      "info",
      "away",
      "was last at work 12 min ago (root@pot-1); no tick was missed since",
    ],
    [facts(12 * MS_PER_MINUTE, { isEmbedded: true }), "ok", "at_work", "seen 12 min ago, root@pot-1"],
    [
      facts(3 * MS_PER_HOUR, { isEmbedded: true }),
      "info",
      "away",
      "was last at work 3 h ago (root@pot-1); no tick was missed since",
    ],
    [
      facts(4 * MS_PER_MINUTE, { otherLines: ["back-up"] }),
      "info",
      "away",
      "was last at work 4 min ago (root@pot-1); no tick was missed since",
    ],
    [
      facts(14 * MS_PER_MINUTE, { otherLines: ["back-up"], isEmbedded: true }),
      "warning",
      "other_lines",
      "goes by other settings than these: back-up; seen 14 min ago, root@pot-1",
    ],
    [
      facts(0, { seen: null }),
      "info",
      "none",
      "no scheduler has ever been at work: jobs have to be started by cron or by hand",
    ],
    [
      facts(2 * MS_PER_DAY, { missed: ["back-up", "prune"], begunElsewhere: ["check-quota"] }),
      "warning",
      "gone",
      "is gone: last seen 2 d ago, root@pot-1; nothing has started back-up, prune since",
    ],
    [
      facts(2 * MS_PER_DAY, { begunElsewhere: ["back-up"], otherLines: ["back-up"] }),
      "info",
      "replaced",
      "last seen 2 d ago, root@pot-1; something else starts the jobs now",
    ],
    [
      facts(5_000, { otherLines: ["back-up"] }),
      "warning",
      "other_lines",
      "goes by other settings than these: back-up; seen 5 s ago, root@pot-1",
    ],
    [
      facts(-MS_PER_HOUR),
      "info",
      "clock",
      "seen at 2026-11-26 07:00 UTC, which is still to come, root@pot-1: see that the clocks are right",
    ],
    [facts(-30_000), "ok", "at_work", "seen 0 s ago, root@pot-1"],
  ];
  for (const [given, grade, state, message] of cases) {
    assertEquals(gradeScheduler(given, NOW), { grade, state, message });
  }
});

import { MS_PER_HOUR, MS_PER_MINUTE } from "@ipcascade/core";
import { addRun, DAY, type HealthWorld, lastTick, noteScheduler } from "../health_world.ts";
import { query, type Situation } from "./situation.ts";

const heal = (world: HealthWorld) => world.heal();

/** Schedulers that are gone or go by other lines, and ticks that were missed or made up. */
export const SCHEDULERS: readonly Situation[] = [
  {
    name: "no scheduler was ever at work",
    damage: query("delete from job_schedule"),
    check: "scheduler",
    grade: "info",
    observed: "none",
    message: /^no scheduler has ever been at work: jobs have to be started by cron or by hand$/,
    fix: "ipcascade schedule",
    mend: heal,
  },
  {
    name: "cron took the scheduler's place",
    damage: (world) => noteScheduler(world.sql, { seenAt: Date.now() - 40 * DAY, lines: { prune: null } }),
    check: "scheduler",
    grade: "info",
    observed: "replaced",
    message: /^last seen 40 d ago, root@pot-1; something else starts the jobs now$/,
    fix: null,
    mend: heal,
  },
  {
    name: "no scheduler is at work, and nothing was missed",
    // No tick of the last hour counts as missed yet.
    damage: (world) => noteScheduler(world.sql, { seenAt: Date.now() - 20 * MS_PER_MINUTE }),
    check: "scheduler",
    grade: "info",
    observed: "away",
    message: /^was last at work 20 min ago \(root@pot-1\); no tick was missed since$/,
    fix: null,
    mend: heal,
  },
  {
    name: "the scheduler is gone",
    damage: async (world) => {
      await noteScheduler(world.sql, { seenAt: Date.now() - 2 * DAY });
      await query("update job_run set started_at = now() - interval '3 days' where job = 'back-up'")(world);
    },
    check: "scheduler",
    grade: "warning",
    message: /^is gone: last seen 2 d ago, root@pot-1; nothing has started back-up since$/,
    fix: "ipcascade schedule",
    mend: heal,
  },
  {
    name: "the scheduler goes by other settings",
    damage: (world) => noteScheduler(world.sql, { lines: { prune: "0 5 * * *" } }),
    check: "scheduler",
    grade: "warning",
    message: /^goes by other settings than these: prune; seen \d+ s ago, root@pot-1$/,
    fix: "docs/health.md#the-scheduler",
    mend: heal,
  },
  {
    name: "a tick was missed",
    damage: (world) =>
      addRun(world.sql, "snapshot-coverage", {
        startedAt: Date.now() - 1_000,
        tookMs: 0,
        outcome: "skipped",
        tickAt: lastTick("snapshot-coverage"),
        code: "TICK_MISSED",
        error: "The tick of 23:55 was not run: No scheduler ran it",
      }),
    check: "job_snapshot_coverage",
    grade: "warning",
    message: /^the tick of 23:55 was not run: No scheduler ran it$/,
    fix: "ipcascade jobs run snapshot-coverage",
    mend: heal,
  },
  {
    name: "a missed refresh was made up",
    damage: (world) =>
      addRun(world.sql, "refresh-stale", {
        startedAt: Date.now() - MS_PER_HOUR,
        tickAt: Date.now() - 6 * MS_PER_HOUR,
      }),
    check: "job_refresh_stale",
    grade: "warning",
    observed: "made_up",
    message: /^was made up (60|61) min ago: due at .* UTC, and not begun for 5 h$/,
    fix: "docs/health.md#the-jobs",
    mend: heal,
  },
  {
    name: "a prune failed and is tried again",
    damage: (world) =>
      addRun(world.sql, "prune", {
        startedAt: Date.now() - 2_000,
        tookMs: 1_000,
        outcome: "failed",
        tickAt: Date.now() - 2_000,
        error: "no way",
      }),
    check: "job_prune",
    grade: "info",
    observed: "retrying",
    message: /^failed at .* UTC: no way; try 2 of 8 follows at .* UTC$/,
    fix: null,
    mend: heal,
  },
];

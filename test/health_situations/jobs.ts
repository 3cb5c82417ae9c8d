import { addRun, DAY, type HealthWorld, lastTick, noteScheduler } from "../health_world.ts";
import { query, type Situation } from "./situation.ts";

const HOUR = 3_600_000;

const dropRuns = (job: string) => query(`delete from job_run where job = '${job}'`);
const healJobs = (world: HealthWorld) => world.heal();

/** Successful runs before the latest, an hour each. */
async function addHistory(world: HealthWorld): Promise<void> {
  for (let day = 1; day <= 6; day++) {
    const startedAt = lastTick("back-up") - day * DAY;
    await addRun(world.sql, "back-up", { startedAt, tookMs: HOUR, counts: { rows: 1_000 } });
  }
}

/** Jobs that are late, failed, were killed or did too little, and backups. */
export const JOBS: readonly Situation[] = [
  {
    name: "the weekly update is late",
    damage: query("update job_run set started_at = now() - interval '9 days' where job = 'update-editions'"),
    check: "job_update_editions",
    grade: "warning",
    message: /is late: due at .* UTC \(0 2 \* \* SUN\), last begun 9 d ago/,
    fix: "ipcascade jobs run update-editions",
    mend: (world) => world.run(["editions", "update"]),
  },
  {
    name: "nothing ever ran the quota check",
    damage: dropRuns("check-quota"),
    check: "job_check_quota",
    grade: "warning",
    message: /never ran, though it was due at .*: nothing started it/,
    fix: "ipcascade jobs run check-quota",
    mend: (world) => world.run(["quota", "--alert"]),
  },
  {
    name: "the refresh failed",
    damage: async (world) => {
      await dropRuns("refresh-stale")(world);
      await addRun(world.sql, "refresh-stale", {
        startedAt: Date.now() - 120_000,
        outcome: "failed",
        error: "no way",
      });
    },
    check: "job_refresh_stale",
    grade: "warning",
    message: /failed at .* UTC: no way/,
    fix: "ipcascade refresh",
  },
  {
    name: "the pruning was killed",
    damage: async (world) => {
      await dropRuns("prune")(world);
      await addRun(world.sql, "prune", {
        startedAt: Date.now() - 600_000,
        outcome: null,
        tookMs: 1_000,
      });
    },
    check: "job_prune",
    grade: "warning",
    message: /was killed, or its machine is gone/,
    fix: "ipcascade jobs run prune",
  },
  {
    name: "the backup took a tenth of its time",
    damage: async (world) => {
      await dropRuns("back-up")(world);
      await addHistory(world);
      await addRun(world.sql, "back-up", { tookMs: 300_000, counts: { rows: 1_000 } });
    },
    check: "job_back_up",
    grade: "warning",
    message: /was too fast at .*: 300 s, and 3600 s as a rule/,
    fix: "ipcascade backup create --prune",
    mend: healJobs,
  },
  {
    name: "the backup did nothing",
    damage: async (world) => {
      await dropRuns("back-up")(world);
      await addHistory(world);
      await addRun(world.sql, "back-up", { tookMs: HOUR, counts: { rows: 0 } });
    },
    check: "job_back_up",
    grade: "warning",
    message: /did nothing at .*: it counted 0, and 1000 as a rule/,
    fix: "ipcascade backup create --prune",
    mend: healJobs,
  },
  {
    name: "there is no backup",
    damage: dropRuns("back-up"),
    check: "backup",
    grade: "warning",
    message: /there is no verified backup/,
    fix: "ipcascade backup create",
  },
  {
    name: "the newest backup is 49 hours old",
    damage: query("update job_run set started_at = now() - interval '49 hours' where job = 'back-up'"),
    check: "backup",
    grade: "warning",
    message: /the newest verified backup is 49 hours old/,
    fix: "ipcascade backup create",
  },
  {
    name: "backups are made elsewhere",
    damage: async (world) => {
      await dropRuns("back-up")(world);
      await noteScheduler(world.sql, { lines: { "back-up": null } });
    },
    env: { SCHEDULE_BACK_UP: "off" },
    check: "backup",
    grade: "ok",
    observed: "off",
    message: /^switched off: backups are made elsewhere$/,
    fix: null,
    mend: healJobs,
  },
  {
    name: "the newest backup is 8 days old",
    damage: query("update job_run set started_at = now() - interval '8 days' where job = 'back-up'"),
    check: "backup",
    grade: "critical",
    message: /the newest verified backup is 8 days old/,
    fix: "ipcascade backup create",
    mend: (world) => addRun(world.sql, "back-up"),
  },
];

import { MS_PER_DAY } from "@ipcascade/core";
import { listBackups, verifyBackup } from "@ipcascade/operations";
import { nextTick, openBackups } from "@ipcascade/platform";
import { PRODUCT_VERSION } from "./installation.ts";
import type { TickRun } from "./judge_runs.ts";
import type { LivedPlan } from "./live.ts";
import { formatAt } from "./mailbox.ts";
import { isIn } from "./plan.ts";

/** A backup for each tick where nothing stood in its way, the old ones gone, and the newest restores. */
export async function judgeBackups(runs: readonly TickRun[], lived: LivedPlan): Promise<readonly string[]> {
  const { plan, world } = lived;
  const lacking = runs.filter(({ job, tickAt, outcome, attempt }) =>
    job === "back-up" && outcome !== "succeeded" && attempt === 1 &&
    !isIn(plan.downtime, tickAt) && !isIn(plan.fullDisk, tickAt)
  );
  const { settings, log, sql, clock } = world;
  const options = { database: sql, clock, productVersion: PRODUCT_VERSION };
  await using backups = await openBackups(settings, log, options);
  const listed = await listBackups(backups.deps);
  const kept = listed.backups.filter((backup) => backup.status === "ok");
  const oldest = Math.min(...kept.map(({ created_at }) => Date.parse(created_at)));
  const newest = kept[0]!.id;
  const { openScratch } = backups;
  const verified = await verifyBackup(backups.deps, newest, {
    depth: "restore",
    openScratch,
    isMarking: false,
  });
  return [
    ...lacking.map(({ tickAt, outcome }) => `the backup of ${formatAt(tickAt)} ${outcome}`),
    ...clock.now() - oldest > (settings.backupKeepDays + 1) * MS_PER_DAY
      ? [`a backup of ${formatAt(oldest)} is still there`]
      : [],
    ...listed.damaged > 0 ? [`${listed.damaged} backups are damaged`] : [],
    ...kept.length < countRecentTicks(lived) ? [`only ${kept.length} backups are there`] : [],
    ...verified.status === "sound" ? [] : [`the newest backup is ${verified.status}: ${verified.message}`],
  ];
}

/** Ticks at the end whose backups are no older than they are kept. */
function countRecentTicks({ plan, world: { settings } }: LivedPlan): number {
  const line = settings.schedules["back-up"]!;
  const from = plan.time.until - settings.backupKeepDays * MS_PER_DAY;
  let ticks = 0;
  for (let at = nextTick(line, from); at !== null && at < plan.time.until; at = nextTick(line, at)) ticks++;
  return ticks;
}

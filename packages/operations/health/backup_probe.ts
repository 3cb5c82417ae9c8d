import {
  BACKUP_AGE_HOURS,
  type Clock,
  describeCheck,
  type ExpectedCheck,
  formatInstant,
  gradeBackup,
  type HealthCheck,
  MS_PER_HOUR,
} from "@ipcascade/core";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

const BACKUP: ExpectedCheck = { name: "backup", group: "system", fix: DATABASE_PAGE };
const BACK_UP = "ipcascade backup create";

/** What is expected of backups. */
export interface BackupProbeOptions {
  /** False where `SCHEDULE_BACK_UP` is `off`: then something else makes them. */
  readonly isScheduled: boolean;
}

/** How old the newest backup is. A job that backs up succeeds only when it has verified what it wrote. */
export function createBackupProbe(
  { database, clock }: { readonly database: HealthDatabase; readonly clock: Clock },
  { isScheduled }: BackupProbeOptions,
): HealthProbe {
  if (!isScheduled) return { expected: [BACKUP], run: () => Promise.resolve([ELSEWHERE]) };
  return createStoreProbe(database, [BACKUP], async ({ runs }) => {
    const [latest, firstAt] = await Promise.all([runs.latest(), runs.firstAt()]);
    const success = latest.find(({ job }) => job === "back-up")?.latestSuccess ?? null;
    const madeAt = success?.startedAt ?? null;
    const now = clock.now();
    const grade = gradeBackup(madeAt, { now, firstAt });
    const hours = madeAt === null ? null : Math.floor(((now - madeAt) / MS_PER_HOUR) * 10) / 10;
    return [describeCheck(BACKUP, {
      grade,
      observed: hours,
      unit: "h",
      warning: { above: BACKUP_AGE_HOURS.warning },
      critical: { above: BACKUP_AGE_HOURS.critical },
      message: describeAge(madeAt, hours),
      fix: grade === "ok" ? null : BACK_UP,
    })];
  });
}

const ELSEWHERE: HealthCheck = describeCheck(BACKUP, {
  grade: "ok",
  observed: "off",
  message: "switched off: backups are made elsewhere",
});

function describeAge(madeAt: number | null, hours: number | null): string {
  if (madeAt === null || hours === null) return "there is no verified backup";
  const age = hours < 72 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`;
  return `the newest verified backup is ${age} old, of ${
    formatInstant(madeAt).slice(0, 16).replace("T", " ")
  } UTC`;
}

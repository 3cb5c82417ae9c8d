import {
  BACKUP_AGE_HOURS,
  type BackupRun,
  type Clock,
  describeCheck,
  type ExpectedCheck,
  formatInstant,
  gradeBackup,
  type HealthCheck,
  hostOfActor,
  type JobRun,
  MS_PER_HOUR,
  readBackupRun,
} from "@ipcascade/core";
import { describeBackupAge } from "./backup_age.ts";
import { type BackupsHere, type FoundBackup, lookForBackup } from "./backup_look.ts";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

const BACKUP: ExpectedCheck = { name: "backup", group: "system", fix: DATABASE_PAGE };
const BACK_UP = "ipcascade backup create";

/** What is expected of backups. */
export interface BackupProbeOptions {
  /** False where `SCHEDULE_BACK_UP` is `off`: then something else makes them. */
  readonly isScheduled: boolean;
  /** Null where looking is not cheap, as in a bucket: then runs are believed. */
  readonly here: BackupsHere | null;
}

/**
 * How old the newest backup is, and whether it is still there where this machine can look. A job that backs up succeeds
 * only when it has verified what it wrote.
 */
export function createBackupProbe(
  { database, clock }: { readonly database: HealthDatabase; readonly clock: Clock },
  { isScheduled, here }: BackupProbeOptions,
): HealthProbe {
  if (!isScheduled) return { expected: [BACKUP], run: () => Promise.resolve([ELSEWHERE]) };
  return createStoreProbe(database, [BACKUP], async ({ runs }) => {
    const [latest, firstAt] = await Promise.all([runs.latest(), runs.firstAt()]);
    const success = latest.find(({ job }) => job === "back-up")?.latestSuccess ?? null;
    const found = success === null ? null : await find(success, here);
    return [describe(success, { found, now: clock.now(), firstAt })];
  });
}

const ELSEWHERE: HealthCheck = describeCheck(BACKUP, {
  grade: "ok",
  observed: "off",
  message: "switched off: backups are made elsewhere",
});

/** What is known of a run's backup besides its age. */
interface Found {
  /** Null when it is there and verified, or could not be looked for. */
  readonly fault: FoundBackup | null;
  /** Where it was made, when that is not here; else empty. */
  readonly where: string;
}

async function find({ message, actor }: JobRun, here: BackupsHere | null): Promise<Found> {
  const run = readBackupRun(message ?? "");
  if (run === null || here === null) return { fault: null, where: "" };
  const where = describeElsewhere(run, { host: hostOfActor(actor), here });
  return where === "" ? { fault: await lookForBackup(run, here), where } : { fault: null, where };
}

function describeElsewhere(
  { place }: BackupRun,
  { host, here }: { readonly host: string | null; readonly here: BackupsHere },
): string {
  if (host !== here.host) return `, made on ${JSON.stringify(host ?? "an unknown machine")}`;
  return place === here.place ? "" : `, in ${JSON.stringify(place)}`;
}

function describe(
  success: JobRun | null,
  { found, now, firstAt }: { readonly found: Found | null; readonly now: number; readonly firstAt: number },
): HealthCheck {
  const madeAt = success?.startedAt ?? null;
  const grade = found?.fault?.grade ?? gradeBackup(madeAt, { now, firstAt });
  const hours = madeAt === null ? null : Math.floor(((now - madeAt) / MS_PER_HOUR) * 10) / 10;
  return describeCheck(BACKUP, {
    grade,
    observed: hours,
    unit: "h",
    warning: { above: BACKUP_AGE_HOURS.warning },
    critical: { above: BACKUP_AGE_HOURS.critical },
    message: found?.fault?.message ?? `${describeAge(madeAt, now)}${found?.where ?? ""}`,
    fix: grade === "ok" ? null : BACK_UP,
  });
}

function describeAge(madeAt: number | null, now: number): string {
  if (madeAt === null) return "there is no verified backup";
  return `the newest verified backup is ${describeBackupAge(now - madeAt)} old, of ${
    formatInstant(madeAt).slice(0, 16).replace("T", " ")
  } UTC`;
}

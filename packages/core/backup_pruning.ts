import type { BackupReason } from "./backup.ts";
import { formatMinute, MS_PER_DAY } from "./clock.ts";

/** Newest verified backups that always stay, whatever their age. */
export const MIN_VERIFIED_BACKUPS = 3;

/** What bears on whether a backup stays. */
export interface PrunableBackup {
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number;
  /** Null when its manifest is damaged: it may have been any. */
  readonly reason: BackupReason | null;
  readonly isVerified: boolean;
  /** Why nobody may remove it, such as that a newer program made it; null when nothing speaks against it. */
  readonly heldBy: string | null;
}

/** Whether one backup stays, and why. */
export interface BackupDecision {
  readonly id: string;
  readonly isKept: boolean;
  readonly reason: string;
}

/** What pruning would do. */
export interface BackupPruningPlan {
  /** Newest first. */
  readonly decisions: readonly BackupDecision[];
  /** Ids of the newest verified ones: nothing may be removed before they are as they were. */
  readonly trusted: readonly string[];
  /** Why nothing may be removed at all; null otherwise. */
  readonly refusal: string | null;
}

/** When it is and how many days backups stay. */
export interface BackupRetention {
  readonly keepDays: number;
  readonly now: number;
}

/**
 * Decides which backups are removed: those older than `keepDays`, never the newest three verified ones, and what is not
 * verified only once three verified ones are newer. Copies made before a restore go by their age alone. What bears a
 * time to come, as after a clock that was wrong, neither goes nor counts as newest.
 */
export function planBackupPruning(
  backups: readonly PrunableBackup[],
  { keepDays, now }: BackupRetention,
): BackupPruningPlan {
  const sorted = sortBackups(backups);
  const past = sorted.filter(({ createdAt, reason }) => createdAt <= now && reason !== "before_restore");
  const verified = past.filter(({ isVerified }) => isVerified).slice(0, MIN_VERIFIED_BACKUPS);
  const decide = (backup: PrunableBackup): BackupDecision => {
    const keeping = findKeeping(backup, { verified, keepDays, now });
    return { id: backup.id, isKept: keeping !== null, reason: keeping ?? `older than ${keepDays} days` };
  };
  return {
    decisions: sorted.map(decide),
    trusted: verified.map(({ id }) => id),
    refusal: findRefusal(past[0]),
  };
}

/** Sorts backups, the newest first. */
export function sortBackups<Backup extends Pick<PrunableBackup, "id" | "createdAt">>(
  backups: readonly Backup[],
): readonly Backup[] {
  return [...backups].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}

function findKeeping(
  { id, createdAt, reason, isVerified, heldBy }: PrunableBackup,
  { verified, keepDays, now }: BackupRetention & { readonly verified: readonly PrunableBackup[] },
): string | null {
  if (heldBy !== null) return heldBy;
  if (createdAt > now) return `it says it was made at ${formatMinute(createdAt)}, which is to come`;
  if (now - createdAt <= keepDays * MS_PER_DAY) return `not older than ${keepDays} days`;
  if (reason === "before_restore") return null;
  if (verified.some((one) => one.id === id)) return `one of the newest ${MIN_VERIFIED_BACKUPS} verified ones`;
  if (isVerified) return null;
  const newer = verified.filter((one) => one.createdAt > createdAt).length;
  return newer < MIN_VERIFIED_BACKUPS
    ? `not verified, but only ${newer} of ${MIN_VERIFIED_BACKUPS} verified ones are newer`
    : null;
}

function findRefusal(newest: PrunableBackup | undefined): string | null {
  if (newest === undefined || newest.isVerified) return null;
  return `the newest backup, ${newest.id}, is not verified`;
}

import type { BackupReason } from "./backup.ts";
import { formatMinute, MS_PER_DAY } from "./clock.ts";

/** Newest verified backups of each database that always stay, whatever their age. */
export const MIN_VERIFIED_BACKUPS = 3;

/** What bears on whether a backup stays. */
export interface PrunableBackup {
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number;
  /** Null when its manifest is damaged: it may have been any. */
  readonly reason: BackupReason | null;
  /** The database that it is of, by its own id; null where that has none. Says nothing without a reason. */
  readonly origin: string | null;
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
  /** Ids of the newest verified ones of each database, newest first: nothing may be removed before they are as they were. */
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
 * Decides which backups are removed: those older than `keepDays`, never the newest three verified ones of a database,
 * and what is not verified only once three verified ones of the same database are newer. Copies made before a restore
 * go by their age alone. What bears a time to come, as after a clock that was wrong, neither goes nor counts as newest.
 */
export function planBackupPruning(
  backups: readonly PrunableBackup[],
  { keepDays, now }: BackupRetention,
): BackupPruningPlan {
  const sorted = sortBackups(backups);
  const past = sorted.filter(({ createdAt, reason }) => createdAt <= now && reason !== "before_restore");
  const verified = listNewestVerified(past);
  const trusted = [...verified.values()].flat();
  const decide = (backup: PrunableBackup): BackupDecision => {
    const keeping = findKeeping(backup, { verified, keepDays, now });
    return { id: backup.id, isKept: keeping !== null, reason: keeping ?? `older than ${keepDays} days` };
  };
  return {
    decisions: sorted.map(decide),
    trusted: sortBackups(trusted).map(({ id }) => id),
    refusal: findRefusal(past[0]),
  };
}

/** The newest verified ones of each database that has backups, the newest first. */
type NewestVerified = ReadonlyMap<string | null, readonly PrunableBackup[]>;

function listNewestVerified(sorted: readonly PrunableBackup[]): NewestVerified {
  const newest = new Map<string | null, PrunableBackup[]>();
  for (const backup of sorted.filter(({ reason }) => reason !== null)) {
    const ofDatabase = newest.get(backup.origin) ?? [];
    newest.set(backup.origin, ofDatabase);
    if (backup.isVerified && ofDatabase.length < MIN_VERIFIED_BACKUPS) ofDatabase.push(backup);
  }
  return newest;
}

/** Sorts backups, the newest first. */
export function sortBackups<Backup extends Pick<PrunableBackup, "id" | "createdAt">>(
  backups: readonly Backup[],
): readonly Backup[] {
  return [...backups].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}

function findKeeping(
  backup: PrunableBackup,
  { verified, keepDays, now }: BackupRetention & { readonly verified: NewestVerified },
): string | null {
  const { id, createdAt, reason, origin, isVerified, heldBy } = backup;
  if (heldBy !== null) return heldBy;
  if (createdAt > now) return `it says it was made at ${formatMinute(createdAt)}, which is to come`;
  if (now - createdAt <= keepDays * MS_PER_DAY) return `not older than ${keepDays} days`;
  if (reason === "before_restore") return null;
  if (verified.get(origin)?.some((one) => one.id === id)) {
    return `one of the newest ${MIN_VERIFIED_BACKUPS} verified ones of its database`;
  }
  if (isVerified) return null;
  const newer = countNewer(backup, verified);
  return newer < MIN_VERIFIED_BACKUPS
    ? `not verified, but only ${newer} of ${MIN_VERIFIED_BACKUPS} verified ones of its database are newer`
    : null;
}

/** Verified ones that are newer, of its database; what may be of any database has as many as the one with the fewest. */
function countNewer({ createdAt, reason, origin }: PrunableBackup, verified: NewestVerified): number {
  const groups = reason === null ? [...verified.values()] : [verified.get(origin) ?? []];
  if (groups.length === 0) return 0;
  return Math.min(...groups.map((group) => group.filter((one) => one.createdAt > createdAt).length));
}

function findRefusal(newest: PrunableBackup | undefined): string | null {
  if (newest === undefined || newest.isVerified) return null;
  return `the newest backup, ${newest.id}, is not verified`;
}

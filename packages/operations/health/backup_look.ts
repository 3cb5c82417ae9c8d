import { BackupDamagedError, type BackupRun, type Grade } from "@ipcascade/core";
import type { BackupEntry } from "../backup/backup_entry.ts";

/** The backups that this machine can look at. */
export interface BackupsHere {
  /** This machine, as runs name it. */
  readonly host: string;
  /** Where they lie, as runs name it. */
  readonly place: string;
  /** How one of them stands, by its manifest and mark; null when it is not there. Throws `BackupPlaceError`. */
  readonly find: (id: string) => Promise<BackupEntry | null>;
}

/** What is wrong with a backup. */
export interface FoundBackup {
  readonly grade: Extract<Grade, "critical" | "unknown">;
  readonly message: string;
}

/** Looks whether a backup is still what its run said of it; null when it is. */
export async function lookForBackup(
  { id, place }: BackupRun,
  { find }: Pick<BackupsHere, "find">,
): Promise<FoundBackup | null> {
  const entry = await find(id);
  if (entry === null) {
    return { grade: "critical", message: `the newest backup is gone: ${id} is not in ${place} any more` };
  }
  if (entry.status === "damaged") {
    // What is of a newer program, or can't be read now, may be sound.
    const isDamaged = entry.error instanceof BackupDamagedError;
    return isDamaged
      ? { grade: "critical", message: `the newest backup, ${id}, is damaged: ${entry.error.message}` }
      : { grade: "unknown", message: `the newest backup can't be looked at: ${entry.error.message}` };
  }
  if (entry.mark !== null) return null;
  const message = `the newest backup, ${id} in ${place}, is not verified any more: ` +
    `"ipcascade backup verify ${id}" says what it is like`;
  return { grade: "critical", message };
}

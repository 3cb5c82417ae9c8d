import { BackupPlaceError, isBackupFileName, isBackupId, quoteInput } from "@ipcascade/core";

/** The file that makes a backup exist. */
export const BACKUP_MANIFEST = "manifest.json";
/** The file that says that it was verified. */
export const BACKUP_MARK = "verified.json";
/** Largest manifest that is read; one of a hundred tables has 100 kB. */
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
/** Largest mark that is read; they have 300 bytes. */
export const MAX_MARK_BYTES = 64 * 1024;

/** Tells whether a name is that of a member's file. */
export function isMemberFile(name: string): boolean {
  return isBackupFileName(name) && name !== BACKUP_MANIFEST && name !== BACKUP_MARK;
}

/** Throws `BackupPlaceError` for a name that a member's file can't have: it could lead elsewhere. */
export function checkMemberFile(name: string): void {
  if (!isMemberFile(name)) {
    throw new BackupPlaceError(
      `Cannot use ${quoteInput(name)} in a backup: it is no name for a member's file`,
    );
  }
}

/** Throws `BackupPlaceError` for what is no id of a backup. */
export function checkBackupId(id: string): void {
  if (isBackupId(id)) return;
  throw new BackupPlaceError(
    `Cannot use backup ${quoteInput(id)}: allowed is an id such as 20261126-010000-1a2b3c4d`,
  );
}

import { EnrichmentError, UsageError } from "./errors.ts";

/** Thrown when a backup is not what its manifest says, or has no manifest that can be read (exit status 4). */
export class BackupDamagedError extends EnrichmentError {
  override readonly code = "BACKUP_DAMAGED";
  /** The table, edition or file that is not as it should be; `manifest` for the manifest itself. */
  readonly member: string;

  constructor(message: string, member: string) {
    super(message);
    this.member = member;
  }
}

/** Thrown when a sound backup may not be used here, such as one of a newer schema (exit status 6). */
export class BackupRefusedError extends EnrichmentError {
  override readonly code = "BACKUP_REFUSED";
}

/** Thrown when what a restore wrote is not what the backup holds: everything is undone (exit status 4). */
export class RestoreDiffersError extends EnrichmentError {
  override readonly code = "RESTORE_DIFFERS";
}

/** Thrown when the backup that somebody names is not there (exit status 2). */
export class BackupMissingError extends UsageError {}

/** Thrown when the place of the backups can't be reached, read or written (exit status 1). */
export class BackupPlaceError extends EnrichmentError {
  override readonly code = "BACKUP_PLACE_FAILED";
}

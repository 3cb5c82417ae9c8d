/** Which backup a run of `back-up` made, as the message of its record says it. */
export interface BackupRun {
  readonly id: string;
  /** Where it lies, as its place calls itself. */
  readonly place: string;
}

/** The message of a run that made a backup. */
export function formatBackupRun({ id, place }: BackupRun): string {
  return `${id} is in ${place}`;
}

const MESSAGE = /^(\d{8}-\d{6}-[0-9a-f]{8}) is in (.+)$/s;

/** Reads what `formatBackupRun` wrote; null for anything else. */
export function readBackupRun(message: string): BackupRun | null {
  const [, id, place] = MESSAGE.exec(message) ?? [];
  return id === undefined || place === undefined ? null : { id, place };
}

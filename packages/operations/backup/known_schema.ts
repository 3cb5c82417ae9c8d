import { BackupRefusedError, type SchemaStamp } from "@ipcascade/core";

/** Throws `BackupRefusedError` for rows of a schema that this program does not know. */
export function checkSchema(backup: SchemaStamp, schemas: readonly SchemaStamp[]): void {
  const known = schemas.find(({ version }) => version === backup.version);
  if (known?.checksum === backup.checksum) return;
  const newest = schemas.at(-1)?.version ?? 0;
  throw new BackupRefusedError(
    known === undefined
      ? `Cannot use the backup: its schema is version ${backup.version}, this program knows ${newest} and is too old`
      : `Cannot use the backup: its schema of version ${backup.version} is not the one that this program knows`,
  );
}

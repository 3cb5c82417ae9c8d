import { stat } from "node:fs/promises";
import { quoteInput, UsageError } from "@ipcascade/core";

/**
 * Tells whether a text names a backup by where it lies: it has a slash, or is a directory. Throws `UsageError` for an
 * address of S3: what lies there is named by its id, with the place in the settings.
 */
export async function isBackupPath(text: string): Promise<boolean> {
  if (/^s3:/i.test(text)) {
    throw new UsageError(
      `Cannot read a backup at ${
        quoteInput(text)
      }: set BACKUP_DIR to the place, and name the backup by its id`,
    );
  }
  if (/[/\\]/.test(text)) return true;
  return await stat(text).then((found) => found.isDirectory(), () => false);
}

import { type BackupDeps, findBackup, type RestoreSource } from "@ipcascade/operations";
import { isBackupPath, openBackupAt } from "@ipcascade/platform";

/** Finds the backup that somebody means: by where it lies, or in the place of the backups as `findBackup` does. */
export async function findSource(wanted: string, deps: BackupDeps): Promise<RestoreSource> {
  if (!await isBackupPath(wanted)) return { deps, id: await findBackup(deps, wanted) };
  const { place, id } = await openBackupAt(wanted, deps);
  return { deps: { ...deps, place }, id };
}

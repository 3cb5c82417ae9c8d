import { sortBackups } from "@ipcascade/core";
import { describeEntry, readBackupEntries } from "./backup_entry.ts";
import type { ManifestDeps } from "./open_manifest.ts";
import type { BackupListReport } from "./reports.ts";

/** Lists what lies at the place of the backups, damaged ones among it. Throws `BackupPlaceError`. */
export async function listBackups(deps: ManifestDeps): Promise<BackupListReport> {
  const entries = sortBackups(await readBackupEntries(deps));
  const backups = entries.map(describeEntry);
  return {
    operation: "list-backups",
    place: deps.place.place,
    backups,
    verified: backups.filter((one) => one.status === "ok" && one.verified !== null).length,
    damaged: backups.filter(({ status }) => status === "damaged").length,
  };
}

import { sortBackups } from "@ipcascade/core";
import { readBackupEntries, summarizeBackup } from "./backup_entry.ts";
import type { ManifestDeps } from "./open_manifest.ts";
import type { BackupListReport } from "./reports.ts";

/** Lists what lies at the place of the backups, damaged ones among it. Throws `BackupPlaceError`. */
export async function listBackups(deps: ManifestDeps): Promise<BackupListReport> {
  const entries = sortBackups(await readBackupEntries(deps));
  return {
    operation: "list-backups",
    place: deps.place.place,
    backups: entries.map((entry) => summarizeBackup(entry)),
    verified: entries.filter((entry) => entry.status === "ok" && entry.mark !== null).length,
    damaged: entries.filter(({ status }) => status === "damaged").length,
  };
}

import type { BackupPruneReport } from "@ipcascade/operations";
import { joinLines } from "./clean_lines.ts";
import { nounFor } from "./plural.ts";

/** What `backup prune` did, or would do. */
export function renderBackupPruning(report: BackupPruneReport): string {
  const { is_dry_run: isDryRun, kept, removed, stripped, leftovers, refused } = report;
  const does = isDryRun ? "would be" : "is";
  const lines = [summarise(report)];
  if (refused !== null) lines.push(`  nothing is removed: ${refused}`);
  for (const { id, reason } of removed) lines.push(`  ${id} ${does} removed: ${reason}`);
  for (const { id, editions } of stripped) {
    lines.push(`  ${id} ${isDryRun ? "would lose" : "lost"} ${editions.join(", ")}: the licence is over`);
  }
  for (const { id, reason } of kept) lines.push(`  ${id} stays: ${reason}`);
  if (leftovers > 0) {
    const what = nounFor(leftovers, "leftover");
    lines.push(`  ${leftovers} ${what} of killed backups ${leftovers === 1 ? "was" : "were"} swept away`);
  }
  return joinLines(lines);
}

function summarise(
  { is_dry_run: isDryRun, keep_days: days, kept, removed, place }: BackupPruneReport,
): string {
  const rule = `those of ${days} ${
    nounFor(days, "day")
  } stay, and never fewer than three verified ones of a database`;
  const counts = `${kept.length} kept, ${removed.length} ${isDryRun ? "would be removed" : "removed"}`;
  return `Backups in ${place}: ${counts}; ${rule}`;
}

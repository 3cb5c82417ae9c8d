import type { RestoredTable, RestorePlan, RestoreReport } from "@ipcascade/operations";
import { describeBackup, describeOtherDatabase, describeVerified } from "./backup_words.ts";
import { joinLines } from "./clean_lines.ts";
import { formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** What a restore would do, for whoever has to agree to it; `target` is what it replaces, `now` in milliseconds. */
export function renderRestorePlan(
  plan: RestorePlan,
  { target, now }: { readonly target: string; readonly now: number },
): string {
  const { backup, tables } = plan;
  const other = describeOtherDatabase(plan);
  return [
    joinLines([
      `Backup ${backup.id} of ${plan.place}`,
      `  ${describeBackup(backup)}; ${describeVerified(backup, now)}`,
      ...other === null ? [] : [`  ${other}`],
      `would replace every row in ${target}:`,
    ]),
    renderTextTable(
      ["TABLE", "ROWS NOW", "ROWS OF THE BACKUP"],
      tables.map(({ table, rows, rows_now: present }) => [table, String(present), String(rows)]),
    ),
    joinLines([
      `  editions: ${plan.editions}`,
      `  what is replaced is backed up first, in ${plan.safety_place}`,
      "  everything stays as it is when anything goes wrong",
    ]),
  ].join("");
}

/** What a restore did, or would do. */
export function renderRestore(report: RestoreReport): string {
  const { backup, is_dry_run: isDryRun, safety_backup: safety } = report;
  const other = describeOtherDatabase(report);
  const took = formatDuration(report.duration_ms);
  const lines = [`  editions: ${report.editions.message}`];
  if (report.migrated_from !== null) {
    const verb = isDryRun ? "would be" : "were";
    lines.push(`  the rows ${verb} brought from schema ${report.migrated_from} to the present one`);
  }
  for (const { table, message } of report.carried) lines.push(`  ${table}: ${message}`);
  if (safety !== null) {
    lines.push(`  what was replaced is backup ${safety}; "ipcascade restore ${safety}" brings it back`);
  }
  return [
    joinLines([
      isDryRun
        ? `Backup ${backup.id} could be restored; nothing was changed, looked at in ${took}`
        : `Backup ${backup.id} is restored in ${took}; every row was compared`,
      `  ${describeBackup(backup)}`,
      ...other === null ? [] : [`  ${other}`],
    ]),
    renderTables(report),
    joinLines(lines),
  ].join("");
}

function renderTables({ tables }: RestoreReport): string {
  if (!tables.some(({ difference }) => difference !== null)) {
    return renderTextTable(["TABLE", "ROWS"], tables.map(({ table, rows }) => [table, String(rows)]));
  }
  return renderTextTable(["TABLE", "ROWS", "ADDED", "CHANGED", "LOST", "SAME"], tables.map(listCells));
}

function listCells({ table, rows, difference }: RestoredTable): readonly string[] {
  if (difference === null) return [table, String(rows), "–", "–", "–", "–"];
  const { added, changed, lost, same } = difference;
  return [table, ...[rows, added, changed, lost, same].map(String)];
}

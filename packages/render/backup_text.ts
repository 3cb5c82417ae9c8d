import type { BackUpReport } from "@ipcascade/operations";
import { renderBackupPruning } from "./backup_prune_text.ts";
import { formatBytes } from "./byte_text.ts";
import { joinLines } from "./clean_lines.ts";
import { formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** What `backup create` made. */
export function renderBackUp(report: BackUpReport): string {
  const { backup, place, verification, tables, pruning } = report;
  const state = verification.status === "sound" ? `verified (${verification.depth})` : verification.status;
  const sizes = `${backup.rows} rows, ${formatBytes(backup.bytes)} in ${
    formatBytes(backup.file_bytes)
  } of files`;
  return [
    joinLines([
      `Backup ${backup.id} is in ${place}, ${state}; made in ${formatDuration(report.duration_ms)}`,
      `  ${sizes}${backup.encrypted ? ", encrypted" : ""}`,
      `  ${describeContents(report)}`,
    ]),
    renderTextTable(["TABLE", "ROWS", "BYTES", "FILE"], tables.map(listCells)),
    pruning === null ? "" : renderBackupPruning(pruning),
  ].join("");
}

function describeContents({ backup: { editions, missing_editions: missing } }: BackUpReport): string {
  if (editions !== null) return `editions: ${editions.join(", ")}`;
  return `no editions${missing === null ? "" : `: ${missing.message}`}`;
}

function listCells({ table, rows, bytes, file_bytes: size }: BackUpReport["tables"][number]): string[] {
  return [table, String(rows), formatBytes(bytes), formatBytes(size)];
}

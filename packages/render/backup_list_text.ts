import { formatMinute } from "@ipcascade/core";
import type { BackupListReport, BackupSummary, DamagedBackup } from "@ipcascade/operations";
import { formatAge } from "./age_text.ts";
import { describeEditions, describeOrigin, describeVerified } from "./backup_words.ts";
import { formatBytes } from "./byte_text.ts";
import { joinLines } from "./clean_lines.ts";
import { writeCsvCell } from "./csv_cell.ts";
import { nounFor } from "./plural.ts";
import { renderTextTable } from "./text_table.ts";

const TITLES = ["ID", "MADE", "AGE", "ROWS", "SIZE", "EDITIONS", "FROM", "STATE"];

/** The page of `backup list`; `now` in milliseconds, for the ages. */
export function renderBackupList(report: BackupListReport, now: number): string {
  const { place, backups, verified, damaged } = report;
  if (backups.length === 0) {
    return joinLines([`No backup is in ${place}; "ipcascade backup create" makes one`]);
  }
  const parts = [
    `${backups.length} ${nounFor(backups.length, "backup")} in ${place}`,
    `${verified} verified`,
  ];
  if (damaged > 0) parts.push(`${damaged} damaged`);
  return joinLines([parts.join(", ")]) + renderTextTable(TITLES, backups.map((one) => listCells(one, now)));
}

function listCells(backup: BackupSummary | DamagedBackup, now: number): readonly string[] {
  if (backup.status === "damaged") {
    return [backup.id, "–", "–", "–", "–", "–", "–", `damaged: ${backup.message}`];
  }
  return [
    backup.id,
    formatMinute(backup.created_at),
    formatAge(backup.created_at, now),
    String(backup.rows),
    formatBytes(backup.file_bytes),
    describeEditions(backup),
    describeOrigin(backup.origin),
    describeState(backup, now),
  ];
}

function describeState(backup: BackupSummary, now: number): string {
  const parts = [describeVerified(backup, now)];
  if (backup.encrypted) parts.push("encrypted");
  if (backup.reason === "before_restore") parts.push("made before a restore");
  return parts.join(", ");
}

const COLUMNS = [
  "id",
  "status",
  "created_at",
  "reason",
  "origin",
  "origin_name",
  "schema_version",
  "product_version",
  "encrypted",
  "rows",
  "bytes",
  "file_bytes",
  "editions",
  "verified_at",
  "verified_depth",
  "message",
];

/** The list as CSV of RFC 4180 with a header row; new columns are only ever added at the end. */
export function renderBackupListCsv({ backups }: BackupListReport): string {
  const lines = [COLUMNS, ...backups.map(csvCells)];
  return lines.map((cells) => `${cells.map(writeCsvCell).join(",")}\r\n`).join("");
}

function csvCells(backup: BackupSummary | DamagedBackup): readonly (string | number | boolean | null)[] {
  if (backup.status === "damaged") {
    const unknown = new Array<null>(COLUMNS.length - 3).fill(null);
    return [backup.id, backup.status, ...unknown, backup.message];
  }
  return [
    backup.id,
    backup.status,
    backup.created_at,
    backup.reason,
    backup.origin.kind,
    backup.origin.name,
    backup.schema_version,
    backup.product_version,
    backup.encrypted,
    backup.rows,
    backup.bytes,
    backup.file_bytes,
    backup.editions?.join(" ") ?? null,
    backup.verified?.at ?? null,
    backup.verified?.depth ?? null,
    backup.missing_editions?.message ?? null,
  ];
}

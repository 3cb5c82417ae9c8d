import type { BackupsVerifyReport, BackupVerifyReport, VerifiedMember } from "@ipcascade/operations";
import { joinLines } from "./clean_lines.ts";
import { nounFor } from "./plural.ts";
import { formatDuration } from "./summary_text.ts";

/** The verdicts of `backup verify`, one paragraph for each backup. */
export function renderBackupVerification({ place, backups }: BackupsVerifyReport): string {
  if (backups.length === 0) return joinLines([`No backup is in ${place}, so there is nothing to verify`]);
  return joinLines(backups.flatMap(listLines));
}

function listLines(report: BackupVerifyReport): readonly string[] {
  const { id, status, depth, members, message } = report;
  const bad = members.filter(({ problem }) => problem !== null);
  const counts = `${members.length} ${nounFor(members.length, "member")}`;
  const lines = [
    `Backup ${id}: ${status} (${depth}); ${counts} in ${formatDuration(report.duration_ms)}`,
    ...bad.map(describeProblem),
  ];
  if (status === "sealed") lines.push(`  ${SEALED}`);
  // What is wrong with none of its members alone.
  if (bad.length === 0 && message !== null && status !== "sealed") lines.push(`  ${message}`);
  return lines;
}

const SEALED =
  "every file is as it was written; it is encrypted, and none of the identities known here is among its recipients: " +
  "only with one in BACKUP_AGE_IDENTITY are its rows read";

function describeProblem({ member, file, problem }: VerifiedMember): string {
  const isPlain = file === member || file === "" || member === "manifest";
  const where = isPlain ? member : `${member} (${file})`;
  return `  ${where}: ${problem}`;
}

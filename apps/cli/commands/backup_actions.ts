import { UsageError } from "@ipcascade/core";
import {
  backUp,
  type BackupDeps,
  type BackupListReport,
  type BackUpReport,
  type BackupsVerifyReport,
  endOfBackUp,
  listBackups,
  pruneBackups,
  type RestoreSource,
  verifyBackups,
} from "@ipcascade/operations";
import type { OpenBackups } from "@ipcascade/platform";
import {
  renderBackUp,
  renderBackupList,
  renderBackupListCsv,
  renderBackupPruning,
  renderBackupVerification,
} from "@ipcascade/render";
import type { CliContext } from "../context.ts";
import { EXIT, exitStatusOfOutcome } from "../exit_status.ts";
import { type RawFlags, readChoice, readInteger, readSwitch } from "../flags.ts";
import { showBackupWork } from "./backup_progress.ts";
import { findSource } from "./backup_source.ts";
import type { JobWorkEnd } from "./recorded.ts";
import { readReportFormat, writeReport } from "./report.ts";
import type { RunSignals } from "./stop.ts";

/** What was asked for. */
export interface BackupOrder {
  readonly ids: readonly string[];
  readonly flags: RawFlags;
  readonly context: CliContext;
}

/** An action that has read its options and waits for what it works with. */
export type BackupAction = (
  work: { readonly backups: OpenBackups; readonly signals: RunSignals },
) => Promise<JobWorkEnd>;

const KEEP_DAYS_BOUNDS = { min: 1, max: 3650 } as const;

/** Plans `backup list`. */
export function planBackupList({ flags, context }: BackupOrder): BackupAction {
  const format = readChoice(flags, "format", ["table", "json", "csv"] as const) ?? "table";
  return async ({ backups: { deps } }) => {
    const report = await listBackups(deps);
    await context.stdout.write(renderList(report, format, deps.clock.now()));
    return { status: EXIT.done };
  };
}

function renderList(report: BackupListReport, format: "table" | "json" | "csv", now: number): string {
  switch (format) {
    case "table":
      return renderBackupList(report, now);
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "csv":
      return renderBackupListCsv(report);
  }
}

/** Plans `backup create`. */
export function planBackup({ flags, context }: BackupOrder): BackupAction {
  readReportFormat(flags);
  const withEditions = flags.editions !== false;
  const prune = readPruning(flags, context);
  return async ({ backups: { deps }, signals }) => {
    const report = await backUp(deps, { withEditions, prune, ...showBackupWork(context, signals.stop) });
    await writeReport(report, renderBackUp, flags, context);
    complainOfEditions(report, context);
    const end = endOfBackUp(report);
    return { status: exitStatusOfOutcome(end.outcome), ...end };
  };
}

function readPruning(flags: RawFlags, context: CliContext): { readonly keepDays: number } | null {
  const keepDays = readKeepDays(flags);
  if (readSwitch(flags, "prune")) return { keepDays: keepDays ?? context.settings.backupKeepDays };
  if (keepDays === undefined) return null;
  throw new UsageError("Cannot use --keep-days with backup create alone: give --prune as well");
}

function readKeepDays(flags: RawFlags): number | undefined {
  return readInteger(flags, "keep-days", KEEP_DAYS_BOUNDS);
}

/** The tables are safe without them, so that it is no failure of the backup. */
function complainOfEditions(
  { backup: { missing_editions: missing } }: BackUpReport,
  context: CliContext,
): void {
  if (missing?.reason === "unreadable") {
    context.complain(
      `The backup has no editions: ${missing.message}; "ipcascade editions recover" mends them`,
    );
  }
}

/** Plans `backup verify`. */
export function planBackupVerification({ ids, flags, context }: BackupOrder): BackupAction {
  readReportFormat(flags);
  const isAll = readSwitch(flags, "all");
  if (isAll && ids.length > 0) throw new UsageError("Cannot verify --all and some: give one of them");
  const depth = readDepth(flags);
  return async ({ backups: { deps, openScratch }, signals }) => {
    const named = await findSources(ids, deps);
    const wanted = isAll ? "all" : named.length === 0 ? "newest" : named;
    const work = showBackupWork(context, signals.stop);
    const report = await verifyBackups(deps, { wanted, depth, openScratch, ...work });
    await writeReport(report, renderBackupVerification, flags, context);
    return { status: VERIFIED[report.status] };
  };
}

/** Before anything is verified, so that a mistyped name is told at once. */
async function findSources(ids: readonly string[], deps: BackupDeps): Promise<readonly RestoreSource[]> {
  const sources: RestoreSource[] = [];
  for (const id of ids) sources.push(await findSource(id, deps));
  return sources;
}

function readDepth(flags: RawFlags): "files" | "rows" | "restore" {
  const [isFiles, isRestore] = [readSwitch(flags, "files"), readSwitch(flags, "restore-test")];
  if (isFiles && isRestore) throw new UsageError("Cannot verify: give one of --files, --restore-test");
  if (isFiles) return "files";
  return isRestore ? "restore" : "rows";
}

const VERIFIED: Readonly<Record<BackupsVerifyReport["status"], number>> = {
  sound: EXIT.done,
  sealed: EXIT.unknown,
  refused: EXIT.refused,
  damaged: EXIT.verificationFailed,
  nothing: EXIT.failed,
};

/** Plans `backup prune`. */
export function planBackupPruning({ flags, context }: BackupOrder): BackupAction {
  readReportFormat(flags);
  const isDryRun = readSwitch(flags, "dry-run");
  const keepDays = readKeepDays(flags) ?? context.settings.backupKeepDays;
  return async ({ backups: { deps }, signals }) => {
    const work = showBackupWork(context, signals.stop);
    const report = await pruneBackups(deps, { keepDays, isDryRun, ...work });
    await writeReport(report, renderBackupPruning, flags, context);
    if (report.refused === null) return { status: EXIT.done };
    context.complain(`Cannot remove old backups: ${report.refused}`);
    return { status: EXIT.failed };
  };
}

import {
  BackupDamagedError,
  type BackupManifest,
  type BackupPacking,
  BackupPlaceError,
  formatInstant,
  LockHeldError,
} from "@ipcascade/core";
import { findBackupEntry, summarizeBackup } from "./backup_entry.ts";
import { createBackup } from "./create_backup.ts";
import type { BackupDeps, BackupWork } from "./deps.ts";
import { pruneBackups } from "./prune_backups.ts";
import type { BackupPruneReport, BackUpReport, BackupSummary, BackupVerifyReport } from "./reports.ts";
import { verifyBackup } from "./verify_backup.ts";

/** What is backed up, and how long backups stay. */
export interface BackUp extends BackupWork {
  readonly withEditions: boolean;
  /** Null: nothing is pruned afterwards. */
  readonly prune: { readonly keepDays: number } | null;
}

/**
 * Makes a backup, reads it back to the last row and prunes. Throws `BackupDamagedError` when the new backup is not what
 * was written: it stays, unverified; and what `createBackup` and `pruneBackups` throw.
 */
export async function backUp(deps: BackupDeps, options: BackUp): Promise<BackUpReport> {
  const [startedAt, begin] = [deps.clock.now(), deps.clock.elapsed()];
  const packing = await deps.codec.begin();
  const bad: BackupDamagedError[] = [];
  const onBadRow = (error: BackupDamagedError) => void bad.push(error);
  const manifest = await createBackup(deps, { ...options, reason: "backup", packing, onBadRow });
  if (bad[0] !== undefined) throw distrust(manifest, bad[0].message, bad[0].member);
  const verification = await verifyNew(deps, manifest, { ...options, packing });
  const backup = await getMarked(deps, manifest.id);
  const pruning = options.prune === null ? null : await pruneAfter(deps, options, options.prune.keepDays);
  return {
    operation: "back-up",
    status: "done",
    place: deps.place.place,
    backup,
    tables: manifest.tables.map(({ table, rows, bytes, file_bytes }) => ({ table, rows, bytes, file_bytes })),
    verification,
    pruning,
    started_at: formatInstant(startedAt),
    duration_ms: deps.clock.elapsed() - begin,
  };
}

async function verifyNew(
  deps: BackupDeps,
  { id }: BackupManifest,
  { packing, onProgress, signal }: BackupWork & { readonly packing: BackupPacking },
): Promise<BackupVerifyReport> {
  const { unpack } = packing;
  // Every row was decoded before it was packed.
  const report = await verifyBackup(deps, id, {
    depth: "rows",
    isDecoding: false,
    unpack,
    onProgress,
    signal,
  });
  if (report.status === "sound") return report;
  const bad = report.members.find(({ problem }) => problem !== null);
  throw distrust({ id }, bad?.problem ?? report.status, bad?.member ?? "manifest");
}

function distrust({ id }: Pick<BackupManifest, "id">, problem: string, member: string): BackupDamagedError {
  return new BackupDamagedError(`Cannot trust the new backup ${id}: ${problem}`, member);
}

async function getMarked(deps: BackupDeps, id: string): Promise<BackupSummary> {
  const entry = await findBackupEntry(deps, id);
  if (entry?.status === "ok" && entry.mark !== null) return summarizeBackup(entry);
  throw new BackupPlaceError(`Cannot mark the new backup ${id} as verified: its mark can't be read back`);
}

async function pruneAfter(deps: BackupDeps, work: BackupWork, keepDays: number): Promise<BackupPruneReport> {
  try {
    const { onProgress, signal } = work;
    return await pruneBackups(deps, { keepDays, isDryRun: false, onProgress, signal });
  } catch (error) {
    // Who came between prunes or backs up itself, or nothing can be removed: the new backup is none the worse for it.
    if (!(error instanceof LockHeldError) && !(error instanceof BackupPlaceError)) throw error;
    return {
      operation: "prune-backups",
      status: "refused",
      place: deps.place.place,
      is_dry_run: false,
      keep_days: keepDays,
      kept: [],
      removed: [],
      stripped: [],
      leftovers: 0,
      refused: error.message,
    };
  }
}

import {
  BackupDamagedError,
  type BackupPruningPlan,
  type BackupRetention,
  planBackupPruning,
  type PrunableBackup,
  sortBackups,
} from "@ipcascade/core";
import { type BackupEntry, describeEntry } from "./backup_entry.ts";
import type { BackupReadDeps, BackupWork } from "./deps.ts";
import { verifyBackup } from "./verify_backup.ts";

/** How a plan is made. */
export interface TrustedPlanOptions extends BackupWork, BackupRetention {
  /** Marks are left alone. */
  readonly isDryRun: boolean;
}

/**
 * Plans a pruning in which the newest verified backups really are as they were: those whose stored bytes are not count
 * as not verified, and the plan is made anew. Nothing is read while there is nothing to remove.
 */
export async function planTrusted(
  deps: BackupReadDeps,
  entries: readonly BackupEntry[],
  options: TrustedPlanOptions,
): Promise<BackupPruningPlan> {
  const checked = new Map<string, boolean>();
  tellDamage(deps, entries, options);
  for (;;) {
    const backups = entries.map((entry) => toPrunable(entry, checked.get(entry.id) ?? true));
    const plan = planBackupPruning(backups, options);
    const isIdle = plan.refusal !== null || plan.decisions.every(({ isKept }) => isKept);
    const unchecked = plan.trusted.filter((id) => !checked.has(id));
    if (isIdle || unchecked.length === 0) return plan;
    for (const id of unchecked) checked.set(id, await isIntact(deps, id, options));
  }
}

/** Says each time that the newest backup is known to be damaged: whoever missed it once must not miss it for good. */
function tellDamage(
  { log }: BackupReadDeps,
  entries: readonly BackupEntry[],
  { now }: BackupRetention,
): void {
  const newest = sortBackups(entries).find((entry) =>
    entry.createdAt <= now && !(entry.status === "ok" && entry.manifest.reason === "before_restore")
  );
  if (newest === undefined) return;
  const found = describeEntry(newest);
  if (found.status === "damaged") log.warn("A backup is damaged", { id: found.id, reason: found.message });
}

function toPrunable(entry: BackupEntry, isIntactStill: boolean): PrunableBackup {
  const { id, createdAt } = entry;
  if (entry.status === "ok") {
    const { manifest: { reason, origin }, mark } = entry;
    return {
      id,
      createdAt,
      reason,
      origin: origin.id,
      isVerified: mark !== null && isIntactStill,
      heldBy: null,
    };
  }
  const heldBy = entry.error instanceof BackupDamagedError ? null : entry.error.message;
  return { id, createdAt, reason: null, origin: null, isVerified: false, heldBy };
}

async function isIntact(
  deps: BackupReadDeps,
  id: string,
  { isDryRun, onProgress, signal }: TrustedPlanOptions,
): Promise<boolean> {
  const isMarking = !isDryRun;
  const report = await verifyBackup(deps, id, { depth: "files", isMarking, onProgress, signal });
  if (report.status !== "damaged") return true;
  deps.log.warn("A backup is damaged", { id, reason: report.message });
  return false;
}

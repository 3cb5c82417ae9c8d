import { type BackupPruningPlan, quoteInput, UsageError } from "@ipcascade/core";
import { type BackupEntry, type ReadableBackup, readBackupEntries } from "./backup_entry.ts";
import type { BackupDeps, BackupWork } from "./deps.ts";
import { openExpiry } from "./expired_editions.ts";
import type { BackupPruneReport } from "./reports.ts";
import { type EditionStrip, findStrip, removeLeftEditions, stripEditions } from "./strip_editions.ts";
import { planTrusted } from "./trusted_plan.ts";

/** What pruning needs. */
export type BackupPruneDeps = Omit<BackupDeps, "database" | "random">;

/** How backups are pruned. */
export interface PruneBackups extends BackupWork {
  /** Days that every backup stays. */
  readonly keepDays: number;
  /** Removes and writes nothing. */
  readonly isDryRun: boolean;
}

/** Longest that can be asked for: a hundred years. */
const MAX_KEEP_DAYS = 36_500;

/**
 * Removes backups that are old enough, takes editions out whose licence is over and sweeps up what killed backups left.
 * The newest three verified ones of each database stay, and are read again before anything goes. Throws `LockHeldError`
 * while somebody else works on the backups, `UsageError`, and `BackupPlaceError`.
 */
export async function pruneBackups(deps: BackupPruneDeps, options: PruneBackups): Promise<BackupPruneReport> {
  checkKeepDays(options.keepDays);
  if (options.isDryRun) return (await planPrune(deps, options)).report;
  await using _lock = await deps.place.lock("prune backups", { isMakingRoom: true });
  const leftovers = await deps.place.sweep();
  const { report, plan, strips, entries } = await planPrune(deps, options);
  for (const { id, reason } of report.removed) {
    options.signal?.throwIfAborted();
    await deps.place.remove(id);
    deps.log.info("A backup is removed", { id, reason });
  }
  for (const strip of strips) await stripEditions(deps, strip, options);
  const left = await removeLeft(deps, keptOf(entries, plan));
  return { ...report, leftovers: leftovers + left };
}

function checkKeepDays(keepDays: number): void {
  if (Number.isInteger(keepDays) && keepDays >= 0 && keepDays <= MAX_KEEP_DAYS) return;
  throw new UsageError(
    `Cannot keep backups for ${
      quoteInput(String(keepDays))
    } days: allowed are whole numbers from 0 to ${MAX_KEEP_DAYS}`,
  );
}

interface PrunePlan {
  readonly report: BackupPruneReport;
  readonly plan: BackupPruningPlan;
  readonly strips: readonly EditionStrip[];
  readonly entries: readonly BackupEntry[];
}

async function planPrune(deps: BackupPruneDeps, options: PruneBackups): Promise<PrunePlan> {
  const { keepDays, isDryRun } = options;
  const entries = await readBackupEntries(deps);
  const plan = withRefusal(await planTrusted(deps, entries, { ...options, now: deps.clock.now() }));
  const readable = entries.filter((entry) => entry.status === "ok");
  const findExpiry = await openExpiry(deps.editions, readable);
  const strips = keptOf(entries, plan)
    .map((backup) => findStrip(backup, findExpiry)).filter((strip) => strip !== null);
  const tell = (isKept: boolean) =>
    plan.decisions.filter((one) => one.isKept === isKept).map(({ id, reason }) => ({ id, reason }));
  const report: BackupPruneReport = {
    operation: "prune-backups",
    status: plan.refusal === null ? "done" : "refused",
    place: deps.place.place,
    is_dry_run: isDryRun,
    keep_days: keepDays,
    kept: tell(true),
    removed: tell(false),
    stripped: strips.map(({ backup: { id }, editions }) => ({ id, editions })),
    leftovers: 0,
    refused: plan.refusal,
  };
  return { report, plan, strips, entries };
}

/** A plan that is refused keeps everything; one that removes nothing has nothing to refuse. */
function withRefusal(plan: BackupPruningPlan): BackupPruningPlan {
  if (plan.refusal === null || plan.decisions.every(({ isKept }) => isKept)) {
    return { ...plan, refusal: null };
  }
  const decisions = plan.decisions.map((one) => ({ ...one, isKept: true }));
  return { ...plan, decisions };
}

function keptOf(
  entries: readonly BackupEntry[],
  { decisions }: BackupPruningPlan,
): readonly ReadableBackup[] {
  const kept = new Set(decisions.filter(({ isKept }) => isKept).map(({ id }) => id));
  return entries.filter((entry) => entry.status === "ok").filter(({ id }) => kept.has(id));
}

async function removeLeft(deps: BackupPruneDeps, kept: readonly ReadableBackup[]): Promise<number> {
  let removed = 0;
  for (const backup of kept) removed += await removeLeftEditions(deps, backup);
  return removed;
}

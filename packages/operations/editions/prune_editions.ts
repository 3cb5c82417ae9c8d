import type { EditionPruning } from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "./deps.ts";
import { pruneSets } from "./prune_sets.ts";
import { StateBook } from "./state_book.ts";
import { sweepStore } from "./sweep_store.ts";

/** What pruning destroyed, or would. */
export interface PruneReport {
  readonly operation: "prune-editions";
  readonly pruned: readonly EditionPruning[];
  readonly is_dry_run: boolean;
}

/** Destroys sets whose licence is over and those beyond the number to keep. Throws `LockHeldError`, `EditionStoreError`. */
export async function pruneEditions(
  deps: EditionDeps,
  options: { readonly policy: EditionPolicy; readonly isDryRun?: boolean },
): Promise<PruneReport> {
  const isDryRun = options.isDryRun ?? false;
  await using _lock = await deps.store.lock("prune editions");
  const book = await StateBook.open(deps.store, { isDryRun });
  if (!isDryRun) await sweepStore(deps, book);
  const pruned = await pruneSets(deps, { ...options, book, isDryRun });
  return { operation: "prune-editions", pruned, is_dry_run: isDryRun };
}

/** Destroys the sets whose licence is over, when there are any; without them the lock is not taken. */
export async function pruneExpired(deps: EditionDeps, policy: EditionPolicy): Promise<void> {
  const keepAll = { ...policy, keepSets: Infinity };
  const book = await StateBook.open(deps.store);
  const due = await pruneSets(deps, { policy: keepAll, book, isDryRun: true });
  if (due.length > 0) await pruneEditions(deps, { policy: keepAll });
}

import { type EditionPruning, formatInstant, noteEvent, planPruning } from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionDeps, EditionPolicy } from "./deps.ts";
import type { StateBook } from "./state_book.ts";

const REASONS: Readonly<Record<EditionPruning["reason"], string>> = {
  licence: "the licence asks for it some time after a newer release",
  surplus: "newer sets are kept",
};

/** The part of pruning that others do under their own lock. */
export async function pruneSets(
  deps: Pick<EditionDeps, "store" | "clock" | "log">,
  options: { readonly policy: EditionPolicy; readonly book: StateBook; readonly isDryRun: boolean },
): Promise<readonly EditionPruning[]> {
  const { store, clock, log } = deps;
  const { sets, current } = await readKeptSets(store);
  const now = clock.now();
  const plan = planPruning(sets, {
    currentId: current?.id ?? null,
    keepSets: options.policy.keepSets,
    state: options.book.state,
    now,
  });
  if (options.isDryRun) return plan;
  for (const { id, reason } of plan) {
    await store.removeSet(id);
    log.info("A set of editions is destroyed", { set: id, reason: REASONS[reason] });
    await options.book.write((state) =>
      noteEvent(state, { at: formatInstant(now), event: "destroyed", set: id, reason: REASONS[reason] })
    );
  }
  return plan;
}

import {
  type EditionSet,
  formatInstant,
  isExpired,
  noteEvent,
  setExpiry,
  sortEditionSets,
} from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionUpdateDeps } from "./deps.ts";
import { StateBook } from "./state_book.ts";
import { sweepStore } from "./sweep_store.ts";
import { updateEditions, type UpdateOptions } from "./update_editions.ts";
import type { UpdateReport } from "./update_report.ts";
import { firstFault, isSound, verifySet } from "./verify_editions.ts";

/** What recovering found about one set. */
export interface RecoveryStep {
  readonly set: string;
  readonly verdict: "ok" | "refused" | "expired";
  /** What is wrong with it. */
  readonly fault: string | null;
}

/** The report of a recovery (runbook: MaxMind Database Corruption). */
export interface RecoveryReport {
  readonly operation: "recover-editions";
  /** What happened: nothing was wrong, a kept set serves again, both editions were downloaded anew, or nothing helped. */
  readonly status: "sound" | "restored" | "downloaded" | "failed";
  /** The set that serves now. */
  readonly set: string | null;
  readonly previous_set: string | null;
  /** The sets that were looked at, in that order. */
  readonly steps: readonly RecoveryStep[];
  /** The update that was needed; null when none was. */
  readonly update: UpdateReport | null;
}

/**
 * Brings a sound set into service: the one that serves, else the newest kept one that verifies, else a download of
 * all editions. Nothing that may still be needed is deleted before. Throws `LockHeldError`.
 */
export async function recoverEditions(
  deps: EditionUpdateDeps,
  options: UpdateOptions,
): Promise<RecoveryReport> {
  const kept = await restore(deps, options);
  if (kept.status !== "failed") return { operation: "recover-editions", ...kept, update: null };
  const update = await updateEditions(deps, { ...options, force: true });
  const isMended = update.error === null && update.set !== null;
  return {
    operation: "recover-editions",
    ...kept,
    status: isMended ? "downloaded" : "failed",
    set: update.set,
    update,
  };
}

type Restoration = Pick<RecoveryReport, "status" | "set" | "previous_set" | "steps">;

async function restore(deps: EditionUpdateDeps, options: UpdateOptions): Promise<Restoration> {
  const { store, clock } = deps;
  await using _lock = await store.lock("recover the editions");
  const book = await StateBook.open(store);
  await sweepStore(deps, book);
  const { sets, current } = await readKeptSets(store);
  const steps: RecoveryStep[] = [];
  const previous_set = current?.id ?? null;
  for (const set of candidates(sets, current)) {
    const isCurrent = set.id === current?.id;
    const step = await examine(set, deps, options, {
      isExpired: !isCurrent && isExpired(setExpiry(set.editions, book.state), clock.now()),
    });
    steps.push(step);
    if (step.verdict !== "ok") continue;
    if (isCurrent) return { status: "sound", set: set.id, previous_set, steps };
    await store.switchTo(set.id);
    const at = formatInstant(clock.now());
    const reason = steps[0]?.fault ?? "no set served";
    await book.write((state) => noteEvent(state, { at, event: "recovered", set: set.id, reason }));
    return { status: "restored", set: set.id, previous_set, steps };
  }
  return { status: "failed", set: previous_set, previous_set, steps };
}

/** The set that serves first, then the others, newest first. */
function candidates(sets: readonly EditionSet[], current: EditionSet | null): readonly EditionSet[] {
  const others = sortEditionSets(sets.filter(({ id }) => id !== current?.id));
  return current === null ? others : [current, ...others];
}

async function examine(
  set: EditionSet,
  deps: EditionUpdateDeps,
  options: UpdateOptions,
  { isExpired }: { readonly isExpired: boolean },
): Promise<RecoveryStep> {
  if (isExpired) {
    return { set: set.id, verdict: "expired", fault: "the licence does not allow it any more" };
  }
  const items = await verifySet(set, deps, { policy: options.policy, signal: options.signal });
  const fault = firstFault(items);
  return { set: set.id, verdict: isSound(items) ? "ok" : "refused", fault };
}

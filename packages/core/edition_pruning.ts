import { isExpired, setExpiry } from "./edition_age.ts";
import type { EditionSet } from "./edition.ts";
import { sortEditionSets } from "./edition_document.ts";
import type { EditionState } from "./edition_state.ts";

/** A set that is to be destroyed. */
export interface EditionPruning {
  readonly id: string;
  /** The licence's days are over, or there are newer sets enough. */
  readonly reason: "licence" | "surplus";
}

/** What bears on which sets stay. */
export interface PruningOptions {
  readonly currentId: string | null;
  /** Sets that stay besides the one that serves. */
  readonly keepSets: number;
  readonly state: Pick<EditionState, "superseded">;
  readonly now: number;
}

/** Decides which sets are to be destroyed; never the one that serves. */
export function planPruning(sets: readonly EditionSet[], options: PruningOptions): readonly EditionPruning[] {
  const { currentId, keepSets, state, now } = options;
  const others = sortEditionSets(sets.filter(({ id }) => id !== currentId));
  const expired = others.filter(({ editions }) => isExpired(setExpiry(editions, state), now));
  const surplus = others.filter((set) => !expired.includes(set)).slice(keepSets);
  return [
    ...expired.map(({ id }) => ({ id, reason: "licence" as const })),
    ...surplus.map(({ id }) => ({ id, reason: "surplus" as const })),
  ];
}

import { type EditionEvent, type EditionSet, isExpired, setExpiry, sortEditionSets } from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionDeps } from "./deps.ts";

/** A kept set. */
export interface ListedSet extends EditionSet {
  readonly is_current: boolean;
  /** RFC 3339; by when the licence wants it destroyed, once a newer release was seen. */
  readonly expires_at: string | null;
  /** True when a rollback to it is refused. */
  readonly is_expired: boolean;
}

/** The report on what is kept. */
export interface EditionList {
  readonly operation: "list-editions";
  readonly place: string;
  /** Newest first. */
  readonly sets: readonly ListedSet[];
  /** What happened to sets, oldest first. */
  readonly events: readonly EditionEvent[];
}

/** Lists the kept sets and what happened to them. Throws `EditionStoreError`. */
export async function listEditions(deps: Pick<EditionDeps, "store" | "clock">): Promise<EditionList> {
  const { store, clock } = deps;
  const state = await store.readState();
  const { sets, current } = await readKeptSets(store);
  const listed = sortEditionSets(sets).map((set) => {
    const expires_at = setExpiry(set.editions, state);
    return {
      ...set,
      is_current: set.id === current?.id,
      expires_at,
      is_expired: isExpired(expires_at, clock.now()),
    };
  });
  return { operation: "list-editions", place: store.place, sets: listed, events: state.events };
}

import type { EditionSet, EditionStore } from "@ipcascade/core";

/** The sets that are kept and the one of them that serves. */
export interface KeptSets {
  readonly sets: readonly EditionSet[];
  /** Null when no set serves. */
  readonly current: EditionSet | null;
}

/** Reads what is kept. A set whose manifest is damaged serves nobody. */
export async function readKeptSets(store: EditionStore): Promise<KeptSets> {
  const [sets, currentId] = await Promise.all([store.listSets(), store.readCurrentId()]);
  return { sets, current: sets.find(({ id }) => id === currentId) ?? null };
}

import { type Clock, type EditionStore, formatInstant, noteEvent } from "@ipcascade/core";
import type { StateBook } from "./state_book.ts";

/** Removes what killed updaters left and what is no set any more, and leaves a record of it. Needs the lock. */
export async function sweepStore(
  { store, clock }: { readonly store: EditionStore; readonly clock: Clock },
  book: StateBook,
): Promise<void> {
  const count = await store.sweep();
  if (count === 0) return;
  const at = formatInstant(clock.now());
  const reason = `${count} unfinished or damaged ${count === 1 ? "set" : "sets"}`;
  await book.write((state) => noteEvent(state, { at, event: "destroyed", set: null, reason }));
}

import {
  type EditionSet,
  formatInstant,
  formatMinute,
  isExpired,
  type MissingEditions,
  setExpiry,
} from "@ipcascade/core";
import { readKeptSets } from "../editions/current_set.ts";
import type { EditionDeps } from "../editions/deps.ts";

/** Thrown when the editions that serve can't be backed up; says why none are in the backup. */
export class MissingEditionsError extends Error {
  readonly missing: MissingEditions;

  constructor(missing: MissingEditions) {
    super(missing.message);
    this.missing = missing;
  }
}

/** Says why a backup holds no editions. */
export function missEditions(
  reason: MissingEditions["reason"],
  { message, now }: { readonly message: string; readonly now: number },
): MissingEditionsError {
  return new MissingEditionsError({ reason, at: formatInstant(now), message });
}

/** The set that serves. Needs the store's lock. Throws `MissingEditionsError` when there is none to back up. */
export async function getServingSet(
  { store, clock }: Pick<EditionDeps, "store" | "clock">,
): Promise<EditionSet> {
  const now = clock.now();
  const [state, { current }] = await Promise.all([store.readState(), readKeptSets(store)]);
  if (current === null) throw await explainNoSet(store, now);
  const expiry = setExpiry(current.editions, state);
  if (expiry !== null && isExpired(expiry, now)) {
    const message = `the licence wanted the set ${current.id} destroyed by ${formatMinute(expiry)}`;
    throw missEditions("expired", { message, now });
  }
  return current;
}

async function explainNoSet(store: EditionDeps["store"], now: number): Promise<MissingEditionsError> {
  const id = await store.readCurrentId();
  if (id !== null) {
    return missEditions("unreadable", { message: `the manifest of the set ${id} can't be read`, now });
  }
  return missEditions("none", { message: "no editions serve", now });
}

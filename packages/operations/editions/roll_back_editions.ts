import {
  type EditionSet,
  type EditionState,
  EnrichmentError,
  forgiveRelease,
  formatInstant,
  isExpired,
  noteEvent,
  rejectRelease,
  setExpiry,
  sortEditionSets,
  UsageError,
} from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionDeps } from "./deps.ts";
import { EditionExpiredError, KeptSetRefusedError } from "./kept_set_errors.ts";
import { findInstalled } from "./release_plan.ts";
import { StateBook } from "./state_book.ts";
import { firstFault, isSound, type VerifyEditionsOptions, verifySet } from "./verify_editions.ts";

/** The report of a rollback. */
export interface RollbackReport {
  readonly operation: "roll-back-editions";
  readonly status: "rolled_back" | "available" | "current";
  /** The set that serves now, or would. */
  readonly set: string;
  /** The set that served before. */
  readonly previous_set: string | null;
  /** Editions of the set that serves now. */
  readonly items: EditionSet["editions"];
  /** Releases that are not installed again by themselves. */
  readonly held_releases: readonly { readonly edition_id: string; readonly release: string }[];
}

/** Which set to go back to. */
export interface RollbackOptions extends VerifyEditionsOptions {
  /** Id of a kept set, or the beginning of one; null is the newest older one. */
  readonly to: string | null;
  readonly isDryRun?: boolean;
}

/**
 * Lets a kept set serve again, after verifying it, and remembers not to install what it was rolled back from. Throws
 * `UsageError` when there is no such set, `EditionExpiredError`, `KeptSetRefusedError`, `LockHeldError`.
 */
export async function rollBackEditions(deps: EditionDeps, options: RollbackOptions): Promise<RollbackReport> {
  const { store, clock } = deps;
  await using _lock = await store.lock("roll the editions back");
  const isDryRun = options.isDryRun ?? false;
  const book = await StateBook.open(store, { isDryRun });
  const { sets, current } = await readKeptSets(store);
  const target = chooseTarget(sets, current, options.to);
  if (target.id === current?.id) return describe("current", target, current, []);
  refuseExpired(target, book.state, clock.now());
  const items = await verifySet(target, deps, options);
  if (!isSound(items)) {
    throw new KeptSetRefusedError(`Cannot roll back to "${target.id}": ${firstFault(items)}`);
  }
  const held = current === null ? [] : listHeld(current, target);
  if (isDryRun) return describe("available", target, current, held);
  await store.switchTo(target.id);
  const at = formatInstant(clock.now());
  const reason = current === null ? null : `from ${current.id}`;
  await book.write((state) =>
    noteEvent(holdReleases(state, { held, target, at }), { at, event: "rolled_back", set: target.id, reason })
  );
  return describe("rolled_back", target, current, held);
}

function chooseTarget(
  sets: readonly EditionSet[],
  current: EditionSet | null,
  to: string | null,
): EditionSet {
  if (to !== null) {
    const found = sets.filter(({ id }) => id === to || id.startsWith(to));
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    const state = found.length === 0 ? "there is no such set" : `${found.length} sets begin like this`;
    throw new UsageError(`Cannot roll back to ${JSON.stringify(to)}: ${state}, ${allowed(sets)}`);
  }
  const sorted = sortEditionSets(sets);
  const older = sorted[sorted.findIndex(({ id }) => id === current?.id) + 1];
  if (older !== undefined) return older;
  throw new NothingToRollBackError(
    `Cannot roll back: no set is kept that is older than ${current === null ? "none" : `"${current.id}"`}`,
  );
}

/** Thrown when there is no older set. */
export class NothingToRollBackError extends EnrichmentError {
  override readonly code = "NO_OLDER_SET";
}

function allowed(sets: readonly EditionSet[]): string {
  return sets.length === 0 ? "none is kept" : `allowed are ${sets.map(({ id }) => id).join(", ")}`;
}

function refuseExpired(target: EditionSet, state: EditionState, now: number): void {
  const expiry = setExpiry(target.editions, state);
  if (!isExpired(expiry, now)) return;
  throw new EditionExpiredError(
    `Cannot roll back to "${target.id}": its licence wanted it destroyed by ${expiry}, after a newer release`,
  );
}

function listHeld(current: EditionSet, target: EditionSet): RollbackReport["held_releases"] {
  return current.editions
    .filter((edition) => findInstalled(edition.kind, target)?.sha256 !== edition.sha256)
    .map(({ edition_id, release }) => ({ edition_id, release }));
}

function holdReleases(
  state: EditionState,
  { held, target, at }: { held: RollbackReport["held_releases"]; target: EditionSet; at: string },
): EditionState {
  const message = `rolled back to ${target.id}`;
  const holding = held.reduce(
    (next, release) => rejectRelease(next, { ...release, reason: "rolled_back", message, at }),
    state,
  );
  return target.editions.reduce((next, edition) => forgiveRelease(next, edition), holding);
}

function describe(
  status: RollbackReport["status"],
  target: EditionSet,
  current: EditionSet | null,
  held_releases: RollbackReport["held_releases"],
): RollbackReport {
  return {
    operation: "roll-back-editions",
    status,
    set: target.id,
    previous_set: current?.id ?? null,
    items: target.editions,
    held_releases,
  };
}

import type { EditionEvent, EditionState, RejectedRelease } from "./edition_state.ts";

/** Kept of each list; older entries go. */
const MAX_KEPT = 200;

/** The state with one more event. */
export function noteEvent(state: EditionState, event: EditionEvent): EditionState {
  return { ...state, events: [...state.events, event].slice(-MAX_KEPT) };
}

/** The state that remembers not to install a release again. */
export function rejectRelease(state: EditionState, release: RejectedRelease): EditionState {
  const others = state.rejected.filter((entry) => !isSameRelease(entry, release));
  return { ...state, rejected: [...others, release].slice(-MAX_KEPT) };
}

/** The state in which a release may be installed again. */
export function forgiveRelease(state: EditionState, release: ReleaseName): EditionState {
  return { ...state, rejected: state.rejected.filter((entry) => !isSameRelease(entry, release)) };
}

/** Why a release must not be installed; null when it may. */
export function findRejection(state: EditionState, release: ReleaseName): RejectedRelease | null {
  return state.rejected.find((entry) => isSameRelease(entry, release)) ?? null;
}

/** What identifies a release of an edition. */
export type ReleaseName = Pick<RejectedRelease, "edition_id" | "release">;

function isSameRelease(a: ReleaseName, b: ReleaseName): boolean {
  return a.edition_id === b.edition_id && a.release === b.release;
}

/** The state that knows since when databases are outdated; the first sight counts. `keep` are all databases kept. */
export function noteSuperseded(
  state: EditionState,
  options: { readonly at: string; readonly outdated: readonly string[]; readonly kept: readonly string[] },
): EditionState {
  const { at, outdated, kept } = options;
  const known = new Set(state.superseded.map((entry) => entry.sha256));
  const added = [...new Set(outdated)].filter((sha256) => !known.has(sha256))
    .map((sha256) => ({ sha256, at }));
  const superseded = [...state.superseded, ...added].filter((entry) => kept.includes(entry.sha256));
  return { ...state, superseded };
}

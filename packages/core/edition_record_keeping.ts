import type { EditionSet } from "./edition.ts";
import type { EditionEvent, EditionState, RejectedRelease, SupersededEdition } from "./edition_state.ts";

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

/** What an answer of a provider says about the databases that are kept, each by its SHA-256. */
export interface KeptDatabases {
  /** Those for which there is a newer release, and since when that is known. */
  readonly outdated: readonly SupersededEdition[];
  /** Those that are the newest release. */
  readonly newest: readonly string[];
  readonly kept: readonly string[];
}

/** The state that knows since when databases are outdated; the first sight counts. */
export function noteSuperseded(state: EditionState, databases: KeptDatabases): EditionState {
  const { outdated, newest, kept } = databases;
  const known = new Set(state.superseded.map((entry) => entry.sha256));
  const added = new Map(
    outdated.filter(({ sha256 }) => !known.has(sha256)).map((entry) => [entry.sha256, entry]),
  );
  const superseded = [...state.superseded, ...added.values()]
    .filter(({ sha256 }) => kept.includes(sha256) && !newest.includes(sha256));
  return { ...state, superseded };
}

/** The state once a set was installed from a provider: its databases are the newest, and its releases are wanted. */
export function noteInstalled(state: EditionState, set: EditionSet): EditionState {
  const { id, provider, created_at: at, editions } = set;
  const forgiven = editions.reduce(forgiveRelease, state);
  const newest = editions.map(({ sha256 }) => sha256);
  const superseded = forgiven.superseded.filter(({ sha256 }) => !newest.includes(sha256));
  return noteEvent({ ...forgiven, superseded }, { at, event: "installed", set: id, provider, reason: null });
}

import {
  type EditionManifest,
  type EditionRelease,
  type EditionSet,
  type EditionState,
  findRejection,
  formatInstant,
  MS_PER_SECOND,
  type RejectedRelease,
} from "@ipcascade/core";

/** What to do about one edition. */
export interface ReleasePlan {
  readonly release: EditionRelease;
  /** The edition of the set that serves; null when there is none. */
  readonly installed: EditionManifest | null;
  readonly action: "fetch" | "current" | "rejected";
  /** Why the release is not fetched. */
  readonly rejection: RejectedRelease | null;
}

/** What bears on the decision besides the release. */
export interface ReleasePlanOptions {
  readonly current: EditionSet | null;
  readonly state: EditionState;
  /** Fetches also what is installed already or was rejected. */
  readonly force: boolean;
}

/** Decides whether a release is fetched. */
export function planRelease(release: EditionRelease, options: ReleasePlanOptions): ReleasePlan {
  const { current, state, force } = options;
  const installed = findInstalled(release.kind, current);
  const rejection = findRejection(state, release);
  if (force) return { release, installed, action: "fetch", rejection: null };
  if (installed !== null && isSameRelease(release, installed)) {
    return { release, installed, action: "current", rejection: null };
  }
  return { release, installed, action: rejection === null ? "fetch" : "rejected", rejection };
}

/** The edition of a kind in a set. */
export function findInstalled(kind: EditionManifest["kind"], set: EditionSet | null): EditionManifest | null {
  return set?.editions.find((edition) => edition.kind === kind) ?? null;
}

/** Tells whether a database is the release: by checksum where the provider tells one, else by its name for it. */
export function isSameRelease(release: EditionRelease, edition: EditionManifest): boolean {
  if (release.md5 !== null) return release.md5.toLowerCase() === edition.md5;
  if (release.sha256 !== null) return release.sha256.toLowerCase() === edition.sha256;
  return release.file === edition.file && release.release === edition.release;
}

/** SHA-256 of the kept databases for which these releases are newer. */
export function listOutdated(
  releases: readonly EditionRelease[],
  sets: readonly EditionSet[],
): readonly string[] {
  return sets.flatMap(({ editions }) => editions)
    .filter((edition) => releases.some((release) => isNewer(release, edition)))
    .map(({ sha256 }) => sha256);
}

function isNewer(release: EditionRelease, edition: EditionManifest): boolean {
  if (release.file !== edition.file || isSameRelease(release, edition)) return false;
  // A provider that has withdrawn a release offers an older one again.
  const builtOn = formatInstant(edition.build_epoch * MS_PER_SECOND).slice(0, 10);
  return release.date === null || release.date >= builtOn;
}

/** Tells whether what is planned is to keep the provider's newest, which is installed. */
export function isInstalled({ release, installed }: ReleasePlan): boolean {
  return installed !== null && isSameRelease(release, installed);
}

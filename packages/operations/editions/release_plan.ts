import {
  type EditionManifest,
  type EditionRelease,
  type EditionSet,
  type EditionState,
  findRejection,
  formatInstant,
  MS_PER_SECOND,
  type RejectedRelease,
  type SupersededEdition,
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
  /** Editions of the current set that are not what was installed any more, by their SHA-256: they are fetched again. */
  readonly damaged: ReadonlySet<string>;
}

/** Decides whether a release is fetched. */
export function planRelease(release: EditionRelease, options: ReleasePlanOptions): ReleasePlan {
  const { current, state, force, damaged } = options;
  const installed = findInstalled(release.kind, current);
  const rejection = findRejection(state, release);
  const isDamaged = installed !== null && damaged.has(installed.sha256);
  if (force || isDamaged && isSameRelease(release, installed)) {
    return { release, installed, action: "fetch", rejection: null };
  }
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

/**
 * The kept databases for which there is a newer release, and since when that is known: since a set with a newer build
 * was made, whatever the state remembers, or since now.
 */
export function listOutdated(
  releases: readonly EditionRelease[],
  sets: readonly EditionSet[],
  now: string,
): readonly SupersededEdition[] {
  return sets.flatMap(({ editions }) => editions)
    .filter((edition) => releases.some((release) => isNewer(release, edition)))
    .map((edition) => ({ sha256: edition.sha256, at: newerSince(edition, sets) ?? now }));
}

function newerSince(edition: EditionManifest, sets: readonly EditionSet[]): string | null {
  const newer = sets.filter(({ editions }) =>
    editions.some(({ file, build_epoch }) => file === edition.file && build_epoch > edition.build_epoch)
  );
  return newer.map(({ created_at }) => created_at).sort()[0] ?? null;
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

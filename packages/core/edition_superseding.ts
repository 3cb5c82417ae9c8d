import { formatInstant, MS_PER_DAY, MS_PER_SECOND } from "./clock.ts";
import { editionExpiry } from "./edition_age.ts";
import { type EditionManifest, type EditionSet, findEditionLicence } from "./edition.ts";
import type { EditionState } from "./edition_state.ts";

/** What is known about releases that came after a copy was put away. */
export interface KnownReleases {
  readonly state: Pick<EditionState, "superseded">;
  /** Sets that are kept now. */
  readonly kept: readonly EditionSet[];
  /** When the copy was put away, in milliseconds since 1970 UTC: the editions served then. */
  readonly copiedAt: number;
}

/** GeoLite comes out twice a week (MaxMind, "Release schedule"): within a week a newer release is certain. */
const RELEASE_DAYS = 7;

/**
 * Instant by which the licence wants copies of a set destroyed that lie elsewhere, such as in a backup, RFC 3339; null
 * when they may be kept. A machine that knows nothing of later releases goes by the age of the copy.
 */
export function copyExpiry(editions: readonly EditionManifest[], known: KnownReleases): string | null {
  const instants = editions.map((edition) => copyExpiryOf(edition, known)).filter((at) => at !== null);
  return instants.sort()[0] ?? null;
}

function copyExpiryOf(edition: EditionManifest, { state, kept, copiedAt }: KnownReleases): string | null {
  const days = findEditionLicence(edition.database_type)?.destroyAfterDays ?? null;
  if (days === null) return null;
  const seen = editionExpiry(edition, state);
  if (seen !== null) return seen;
  const newer = kept.flatMap((set) => set.editions)
    .filter((one) => one.edition_id === edition.edition_id && one.build_epoch > edition.build_epoch)
    .map((one) => one.build_epoch * MS_PER_SECOND);
  const certain = copiedAt + RELEASE_DAYS * MS_PER_DAY;
  return formatInstant(Math.min(certain, ...newer) + days * MS_PER_DAY);
}

import { formatInstant, MS_PER_DAY, MS_PER_SECOND } from "./clock.ts";
import { type EditionManifest, findEditionLicence } from "./edition.ts";
import type { Grade } from "./grade.ts";
import type { EditionState } from "./edition_state.ts";

/** How good or bad an edition is. */
export type EditionGrade = Exclude<Grade, "unknown">;

/** Ages of a build in days above which it is worth a word, and a warning (runbook: Morning Health Check). */
export const EDITION_AGE_DAYS = { info: 7, warning: 14 } as const;

/** Days since a build; 0 for one in the future, which verification refuses. */
export function editionAgeDays(buildEpoch: number, now: number): number {
  return Math.max(0, (now - buildEpoch * MS_PER_SECOND) / MS_PER_DAY);
}

/** Grades a build by its epoch; the time of the file says nothing about its age. */
export function gradeEditionAge(buildEpoch: number, now: number): Exclude<EditionGrade, "critical"> {
  const days = editionAgeDays(buildEpoch, now);
  if (days > EDITION_AGE_DAYS.warning) return "warning";
  return days > EDITION_AGE_DAYS.info ? "info" : "ok";
}

/** Instant by which the licence wants a database destroyed, RFC 3339; null while no newer release was seen. */
export function editionExpiry(
  edition: Pick<EditionManifest, "database_type" | "sha256">,
  state: Pick<EditionState, "superseded">,
): string | null {
  const days = findEditionLicence(edition.database_type)?.destroyAfterDays ?? null;
  const seen = state.superseded.find((entry) => entry.sha256 === edition.sha256);
  if (days === null || seen === undefined) return null;
  return formatInstant(Date.parse(seen.at) + days * MS_PER_DAY);
}

/** Instant by which the licence wants a set destroyed: the earliest of its editions' ones. */
export function setExpiry(
  editions: readonly Pick<EditionManifest, "database_type" | "sha256">[],
  state: Pick<EditionState, "superseded">,
): string | null {
  const instants = editions.map((edition) => editionExpiry(edition, state)).filter((at) => at !== null);
  return instants.sort()[0] ?? null;
}

/** Tells whether an expiry has come. */
export function isExpired(expiry: string | null, now: number): boolean {
  return expiry !== null && Date.parse(expiry) <= now;
}

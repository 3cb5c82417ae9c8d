import { EDITION_AGE_DAYS, type Grade } from "@ipcascade/core";
import type { EditionStatusItem, EditionStatusReport } from "../../editions/edition_status.ts";

/** What can be wrong with the editions. */
export type MaxmindCause =
  | "none"
  | "not_installed"
  | "missing_edition"
  | "damaged"
  | "damaged_no_copy"
  | "expired"
  | "outdated";

/** A set, or the plain files where there is none, as verification found it. */
export interface ExaminedSet {
  /** Null for plain files. */
  readonly id: string | null;
  readonly isCurrent: boolean;
  /** Null when it is sound. */
  readonly fault: string | null;
  /** True when the licence does not allow going back to it. */
  readonly isExpired: boolean;
}

/** Everything that was found out about the editions. */
export interface MaxmindEvidence {
  readonly status: EditionStatusReport;
  /** What serves first, then what is kept, newest first. */
  readonly sets: readonly ExaminedSet[];
}

/** A cause, with its evidence in one or two sentences. */
export interface MaxmindJudgement {
  readonly cause: MaxmindCause;
  readonly grade: Grade;
  readonly summary: string;
}

/** Names the most likely cause: nothing there, then damage, then the licence, then age. */
export function judgeMaxmind({ status, sets }: MaxmindEvidence): MaxmindJudgement {
  return judgePresence(status, sets) ?? judgeDamage(sets) ?? judgeCompleteness(status) ?? judgeAge(status);
}

/** The newest kept set that could serve instead; null when there is none. */
export function findSoundCopy(sets: readonly ExaminedSet[]): ExaminedSet | null {
  return sets.find((set) => !set.isCurrent && set.fault === null && !set.isExpired) ?? null;
}

function judgePresence(status: EditionStatusReport, sets: readonly ExaminedSet[]): MaxmindJudgement | null {
  if (status.serving !== "nothing") return null;
  const copy = findSoundCopy(sets);
  const summary = copy === null
    ? `no edition is installed in ${status.place}`
    : `no set serves in ${status.place}, but set ${copy.id} is kept and sound`;
  return { cause: "not_installed", grade: "critical", summary };
}

function judgeDamage(sets: readonly ExaminedSet[]): MaxmindJudgement | null {
  const damaged = sets.find((set) => set.isCurrent && set.fault !== null);
  if (damaged === undefined) return null;
  const copy = findSoundCopy(sets);
  const what = damaged.id === null ? "a plain file" : `set ${damaged.id}`;
  const base = `${what} is damaged (${damaged.fault})`;
  if (copy !== null) {
    return { cause: "damaged", grade: "critical", summary: `${base}; set ${copy.id} is kept and sound` };
  }
  const summary = `${base}, and no kept set can take its place: it has to be downloaded`;
  return { cause: "damaged_no_copy", grade: "critical", summary };
}

function judgeCompleteness({ items }: EditionStatusReport): MaxmindJudgement | null {
  const missing = items.filter(({ file }) => file === null).map(({ edition_id }) => edition_id);
  if (missing.length === 0) return null;
  return {
    cause: "missing_edition",
    grade: "critical",
    summary: `${missing.join(" and ")} is not installed, while the other one serves`,
  };
}

function judgeAge({ items, grade }: EditionStatusReport): MaxmindJudgement {
  // Damage is told above, so that what is critical here is the licence.
  const expired = items.find((item) => item.grade === "critical");
  if (expired !== undefined) {
    return { cause: "expired", grade: "critical", summary: `${expired.edition_id}: ${expired.message}` };
  }
  const old = oldest(items.filter((item) => item.grade === "warning"));
  if (old !== null) {
    const summary = `${old.edition_id} was built ${
      Math.floor(old.age_days ?? 0)
    } days ago, more than ${EDITION_AGE_DAYS.warning}`;
    return { cause: "outdated", grade: "warning", summary };
  }
  return { cause: "none", grade, summary: "every edition is there, sound and not too old" };
}

function oldest(items: readonly EditionStatusItem[]): EditionStatusItem | null {
  return items.reduce<EditionStatusItem | null>(
    (most, item) => most === null || (item.age_days ?? 0) > (most.age_days ?? 0) ? item : most,
    null,
  );
}

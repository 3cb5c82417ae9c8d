import {
  BackupMissingError,
  formatInstant,
  isCopyDate,
  MS_PER_HOUR,
  quoteInput,
  sortBackups,
} from "@ipcascade/core";
import type { BackupReadDeps } from "./deps.ts";
import { type BackupEntry, readBackupEntries } from "./backup_entry.ts";
import type { ManifestDeps } from "./open_manifest.ts";

/** What finding a backup needs. */
export type FindBackupDeps = ManifestDeps & Pick<BackupReadDeps, "clock">;

/**
 * The id of the backup that somebody means: by its id, the beginning of one alone, `latest`, or a day of UTC
 * (`2026-11-26`, `20261126`). Of the latest and of a day it is the newest verified one, else the newest; copies made
 * before a restore only where there is nothing else, and `latest` is none of the future. Throws `BackupMissingError` saying what there is.
 */
export async function findBackup(deps: FindBackupDeps, wanted: string): Promise<string> {
  const entries = sortBackups(await readBackupEntries(deps));
  const exact = entries.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact.id;
  if (wanted === "latest") {
    return chooseLatest(entries, deps.clock.now())?.id ?? refuse(deps, { wanted, entries });
  }
  const day = readDay(wanted);
  const ofDay = day === null ? undefined : chooseNewest(entries.filter((entry) => isOfDay(entry, day)));
  if (ofDay !== undefined) return ofDay.id;
  const begun = wanted === "" ? [] : entries.filter(({ id }) => id.startsWith(wanted));
  if (begun.length === 1) return begun[0]!.id;
  return refuse(deps, { wanted, entries: begun.length > 1 ? begun : entries, isAmbiguous: begun.length > 1 });
}

/** How far the clocks of machines that share a place may be apart. */
const CLOCK_SKEW_MS = MS_PER_HOUR;

/** A clock that was wrong once must not make one backup the latest for years. */
function chooseLatest(entries: readonly BackupEntry[], now: number): BackupEntry | undefined {
  const past = entries.filter(({ createdAt }) => createdAt <= now + CLOCK_SKEW_MS);
  return chooseNewest(past.length > 0 ? past : entries);
}

/** Best first: of the usual reason, then any that is not known to be damaged; the newest verified one of those. */
function chooseNewest(entries: readonly BackupEntry[]): BackupEntry | undefined {
  const whole = entries.filter((entry) => entry.status === "ok").filter(({ damage }) => damage === null);
  const usual = whole.filter(({ manifest }) => manifest.reason === "backup");
  for (const group of [usual, whole]) {
    const found = group.find(({ mark }) => mark !== null) ?? group[0];
    if (found !== undefined) return found;
  }
  return entries[0];
}

/** A day as `2026-11-26`; null when the text is none. */
function readDay(text: string): string | null {
  if (!/^\d{4}-?\d\d-?\d\d$/.test(text)) return null;
  const day = text.replaceAll("-", "").replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
  return isCopyDate(day) ? day : null;
}

function isOfDay({ createdAt }: BackupEntry, day: string): boolean {
  return Number.isFinite(createdAt) && formatInstant(createdAt).startsWith(day);
}

/** Ids that a message names. */
const MAX_NAMED = 5;

function refuse(
  { place }: ManifestDeps,
  { wanted, entries, isAmbiguous = false }: {
    readonly wanted: string;
    readonly entries: readonly BackupEntry[];
    readonly isAmbiguous?: boolean;
  },
): never {
  const named = entries.slice(0, MAX_NAMED).map(({ id }) => id).join(", ");
  const more = entries.length > MAX_NAMED ? ` and ${entries.length - MAX_NAMED} more` : "";
  const there = entries.length === 0 ? `${place.place} has no backups` : `there are ${named}${more}`;
  throw new BackupMissingError(
    isAmbiguous
      ? `Cannot choose a backup by ${quoteInput(wanted)}: ${there}`
      : `Cannot find the backup ${quoteInput(wanted)}: ${there}; ` +
        `allowed are an id, the beginning of one, "latest" and a day such as 2026-11-26`,
  );
}

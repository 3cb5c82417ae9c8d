import {
  BackupDamagedError,
  type BackupManifest,
  type BackupMark,
  BackupMissingError,
  isBackupId,
  quoteInput,
  readBackupFinding,
  readBackupManifest,
  readBackupMark,
} from "@ipcascade/core";
import type { BackupReadDeps } from "./deps.ts";
import { digestWith } from "./digest_text.ts";

/** What reading manifests needs. */
export type ManifestDeps = Pick<BackupReadDeps, "place" | "createHasher">;

/** A manifest with its text. */
export interface OpenManifest {
  readonly text: string;
  readonly manifest: BackupManifest;
}

/** The text of a manifest. Throws `UsageError` when there is no such backup. */
export async function getManifestText({ place }: ManifestDeps, id: string): Promise<string> {
  const text = isBackupId(id) ? await place.readManifest(id) : null;
  if (text !== null) return text;
  throw new BackupMissingError(
    `Cannot read the backup ${quoteInput(id)}: there is no such backup in ${place.place}`,
  );
}

/**
 * Reads the manifest of a backup. Throws `BackupDamagedError` when it is not as it was written or is another backup's,
 * `BackupRefusedError` when it is of a newer format, `UsageError` when there is no such backup.
 */
export async function openManifest(deps: ManifestDeps, id: string): Promise<OpenManifest> {
  const text = await getManifestText(deps, id);
  const manifest = readBackupManifest(text, digestWith(deps.createHasher));
  if (manifest.id === id) return { text, manifest };
  throw new BackupDamagedError(
    `Cannot trust the manifest of the backup: it is that of ${manifest.id}`,
    "manifest",
  );
}

/** What verification wrote beside a manifest. */
export interface BackupNote {
  readonly mark: BackupMark | null;
  /** What it found instead, for people; null where it found nothing. */
  readonly damage: string | null;
}

/** The mark of a backup, or what was found of it. */
export async function findNote(
  { place }: Pick<BackupReadDeps, "place">,
  manifest: Pick<BackupManifest, "id" | "sha256">,
): Promise<BackupNote> {
  const text = await place.readMark(manifest.id);
  if (text === null) return { mark: null, damage: null };
  return {
    mark: readBackupMark(text, manifest),
    damage: readBackupFinding(text, manifest.id)?.damage ?? null,
  };
}

/** The mark of a backup; null when this manifest's backup was never verified. */
export async function findMark(
  deps: Pick<BackupReadDeps, "place">,
  manifest: Pick<BackupManifest, "id" | "sha256">,
): Promise<BackupMark | null> {
  return (await findNote(deps, manifest)).mark;
}

import { type BackupManifest, formatInstant, formatMinute, renderBackupManifest } from "@ipcascade/core";
import type { ReadableBackup } from "./backup_entry.ts";
import { isLeftEdition } from "./check_members.ts";
import type { BackupReadDeps, BackupWork } from "./deps.ts";
import { digestWith } from "./digest_text.ts";
import type { FindExpiry } from "./expired_editions.ts";
import { markBackup } from "./mark_backup.ts";
import { openManifest } from "./open_manifest.ts";
import { verifyBackup } from "./verify_backup.ts";

/** Files of editions that a backup must lose, and by when; null when it may keep what it has. */
export interface EditionStrip {
  readonly backup: ReadableBackup;
  /** Names of the databases. */
  readonly editions: readonly string[];
  readonly expiry: string;
}

/** Finds out what a backup must lose because the licence is over. */
export function findStrip(backup: ReadableBackup, findExpiry: FindExpiry): EditionStrip | null {
  const { editions } = backup.manifest;
  const expiry = editions === null ? null : findExpiry(backup);
  if (editions === null || expiry === null) return null;
  return { backup, editions: editions.files.map(({ edition }) => edition), expiry };
}

/**
 * Writes a backup anew without its editions. What was verified stays so to the same depth when the tables' stored bytes
 * are still the same. Needs the place's lock.
 */
export async function stripEditions(
  deps: BackupReadDeps,
  { backup, expiry }: EditionStrip,
  work: BackupWork,
): Promise<void> {
  const { id, manifest, mark } = backup;
  const removed = manifest.editions?.files.map(({ file }) => file) ?? [];
  await deps.place.rewrite(id, renderWithout(manifest, { expiry, deps }), removed);
  deps.log.info("A backup loses its editions", { id, reason: "the licence wanted them destroyed" });
  if (mark === null) return;
  const { status } = await verifyBackup(deps, id, { ...work, depth: "files", isMarking: false });
  if (status !== "damaged") await markBackup(deps, (await openManifest(deps, id)).manifest, mark.depth);
}

function renderWithout(
  { sha256: _, ...manifest }: BackupManifest,
  { expiry, deps }: { readonly expiry: string; readonly deps: BackupReadDeps },
): string {
  const message = `the licence wanted the set ${manifest.editions?.set.id} destroyed by ${
    formatMinute(expiry)
  }`;
  const missing = { reason: "expired", at: formatInstant(deps.clock.now()), message } as const;
  return renderBackupManifest(
    { ...manifest, editions: null, missing_editions: missing },
    digestWith(deps.createHasher),
  );
}

/** Ends what a killed rewrite began: removes editions' files that the manifest gave up. Gives their number. */
export async function removeLeftEditions(
  { place }: Pick<BackupReadDeps, "place">,
  { id, manifest }: ReadableBackup,
): Promise<number> {
  if (manifest.editions !== null || manifest.missing_editions?.reason !== "expired") return 0;
  const files = (await place.listFiles(id)).map(({ file }) => file);
  const left = files.filter((file) => isLeftEdition(manifest, file));
  const text = left.length === 0 ? null : await place.readManifest(id);
  if (text !== null) await place.rewrite(id, text, left);
  return left.length;
}

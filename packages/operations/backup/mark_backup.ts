import {
  BACKUP_DEPTHS,
  BACKUP_FORMAT,
  type BackupDepth,
  type BackupManifest,
  formatInstant,
  renderBackupFinding,
  renderBackupMark,
} from "@ipcascade/core";
import type { BackupReadDeps } from "./deps.ts";
import { findMark } from "./open_manifest.ts";

/** What writing marks needs. */
export type MarkDeps = Pick<BackupReadDeps, "place" | "clock" | "productVersion">;

/**
 * Writes down that a backup is verified. One that was verified more deeply before stays as it is marked: the manifest
 * is the same, and so were the bytes of every file. Throws `BackupPlaceError`.
 */
export async function markBackup(
  deps: MarkDeps,
  manifest: Pick<BackupManifest, "id" | "sha256">,
  depth: BackupDepth,
): Promise<void> {
  const before = await findMark(deps, manifest);
  if (before !== null && isDeeper(before.depth, depth)) return;
  await deps.place.writeMark(
    manifest.id,
    renderBackupMark({
      format: BACKUP_FORMAT,
      id: manifest.id,
      manifest_sha256: manifest.sha256,
      verified_at: formatInstant(deps.clock.now()),
      depth,
      product_version: deps.productVersion,
    }),
  );
}

/** Writes down that a backup is not what it said, in place of its mark. Throws `BackupPlaceError`. */
export async function condemnBackup(deps: MarkDeps, id: string, damage: string): Promise<void> {
  await deps.place.writeMark(
    id,
    renderBackupFinding({
      format: BACKUP_FORMAT,
      id,
      found_at: formatInstant(deps.clock.now()),
      damage,
      product_version: deps.productVersion,
    }),
  );
}

function isDeeper(a: BackupDepth, b: BackupDepth): boolean {
  return BACKUP_DEPTHS.indexOf(a) > BACKUP_DEPTHS.indexOf(b);
}

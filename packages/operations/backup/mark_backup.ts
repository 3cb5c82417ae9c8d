import {
  BACKUP_DEPTHS,
  BACKUP_FORMAT,
  type BackupDepth,
  type BackupManifest,
  formatInstant,
  renderBackupMark,
} from "@ipcascade/core";
import type { BackupReadDeps } from "./deps.ts";
import { findMark } from "./open_manifest.ts";

/**
 * Writes down that a backup is verified. One that was verified more deeply before stays so: the manifest is the same,
 * and so were the bytes of every file. Throws `BackupPlaceError`.
 */
export async function markBackup(
  deps: Pick<BackupReadDeps, "place" | "clock" | "productVersion">,
  manifest: Pick<BackupManifest, "id" | "sha256">,
  depth: BackupDepth,
): Promise<void> {
  const before = await findMark(deps, manifest);
  await deps.place.writeMark(
    manifest.id,
    renderBackupMark({
      format: BACKUP_FORMAT,
      id: manifest.id,
      manifest_sha256: manifest.sha256,
      verified_at: formatInstant(deps.clock.now()),
      depth: deeper(depth, before?.depth ?? depth),
      product_version: deps.productVersion,
    }),
  );
}

/** Takes a mark back: the backup is not what it said. */
export async function unmarkBackup(deps: Pick<BackupReadDeps, "place">, id: string): Promise<void> {
  if (await deps.place.readMark(id) !== null) await deps.place.writeMark(id, WITHDRAWN);
}

/** What no mark is. */
const WITHDRAWN = "{}\n";

function deeper(a: BackupDepth, b: BackupDepth): BackupDepth {
  return BACKUP_DEPTHS.indexOf(a) > BACKUP_DEPTHS.indexOf(b) ? a : b;
}

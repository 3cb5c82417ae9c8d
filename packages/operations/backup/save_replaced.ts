import { type BackupManifest, type BackupPacking, formatInstant, type SnapshotTables } from "@ipcascade/core";
import { reportError } from "../reported_error.ts";
import type { BackupDeps, BackupWork } from "./deps.ts";
import { markBackup } from "./mark_backup.ts";
import { readTable } from "./read_member.ts";
import { nameBackup, writeBackup } from "./write_backup.ts";

/**
 * Backs up what a restore is about to replace, and reads it back: the files give exactly the rows that the database
 * gave. Where no recipients are configured it is encrypted for those of the backup that is restored. Gives its id. Needs
 * the place's lock.
 */
export async function saveReplaced(
  old: SnapshotTables,
  deps: BackupDeps,
  { restored, ...work }: BackupWork & { readonly restored: Pick<BackupManifest, "encryption"> },
): Promise<string> {
  const packing = await beginLike(restored, deps);
  const name = nameBackup(deps);
  const manifest = await writeBackup(old, deps, {
    name,
    reason: "before_restore",
    packing,
    editions: {
      reason: "not_wanted",
      at: formatInstant(name.createdAt),
      message: "a restore removes no editions",
    },
    ...work,
  });
  const source = { deps, id: manifest.id, unpack: packing.unpack, signal: work.signal };
  for (const table of manifest.tables) {
    for await (const _ of readTable(table, source)) { /* compared with the manifest */ }
  }
  await markBackup(deps, manifest, "files");
  return manifest.id;
}

/** Rows that were encrypted must not lie about in plain because of a restore. */
async function beginLike(
  { encryption }: Pick<BackupManifest, "encryption">,
  { codec, log }: BackupDeps,
): Promise<BackupPacking> {
  try {
    return await codec.begin(encryption?.recipients);
  } catch (error) {
    if (encryption === null) throw error;
    // What some plugin of age can encrypt for, this program may not.
    log.warn("The backup of what is replaced is not encrypted", { reason: reportError(error).message });
    return await codec.begin();
  }
}

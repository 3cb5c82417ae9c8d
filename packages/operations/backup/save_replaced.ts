import { formatInstant, type SnapshotTables } from "@ipcascade/core";
import type { BackupDeps, BackupWork } from "./deps.ts";
import { markBackup } from "./mark_backup.ts";
import { readTable } from "./read_member.ts";
import { nameBackup, writeBackup } from "./write_backup.ts";

/**
 * Backs up what a restore is about to replace, and reads it back: the files give exactly the rows that the database
 * gave. Gives its id. Needs the place's lock.
 */
export async function saveReplaced(
  old: SnapshotTables,
  deps: BackupDeps,
  work: BackupWork,
): Promise<string> {
  const packing = await deps.codec.begin();
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

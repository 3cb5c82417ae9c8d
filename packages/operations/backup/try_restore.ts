import { type BackupManifest, StoreError } from "@ipcascade/core";
import type { BackupWork, OpenScratch } from "./deps.ts";
import { loadTables } from "./load_tables.ts";
import type { MemberSource } from "./read_member.ts";

/**
 * Restores a backup into a scratch database, which is destroyed afterwards: its rows pass every constraint, are read
 * back as they were and reach the present schema. Throws what a restore throws.
 */
export async function tryRestore(
  manifest: BackupManifest,
  openScratch: OpenScratch,
  { source, ...work }: BackupWork & { readonly source: MemberSource },
): Promise<void> {
  await using scratch = await openScratch();
  const options = { schemaVersion: manifest.schema.version, waitMs: 0, signal: work.signal };
  try {
    await scratch.database.replace(async ({ clear, finish }) => {
      await loadTables(await clear(), manifest, { source, ...work });
      await finish(manifest.tables);
    }, options);
  } catch (error) {
    if (!(error instanceof StoreError) || error.refusesRows) throw error;
    // A database that runs out of disk may fail with anything.
    throw new StoreError(
      `Cannot try a restore of ${manifest.id}: ${error.message}; it needs room in the temporary directory (TMPDIR)`,
    );
  }
}

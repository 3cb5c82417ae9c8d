import {
  type BackupManifest,
  type BackupTable,
  type LoadTables,
  RestoreDiffersError,
  type SnapshotTables,
} from "@ipcascade/core";
import { ContentChain } from "./content_chain.ts";
import type { BackupWork } from "./deps.ts";
import { type MemberSource, readTable } from "./read_member.ts";

/** Rows between two words about progress. */
const PROGRESS_ROWS = 5_000;

/**
 * Loads every table of a backup and reads it back: what the database gives must be what was backed up, byte for byte.
 * Throws `BackupDamagedError` when the backup is not as its manifest says, and `RestoreDiffersError`.
 */
export async function loadTables(
  tables: LoadTables,
  manifest: Pick<BackupManifest, "tables">,
  { source, ...work }: BackupWork & { readonly source: MemberSource },
): Promise<void> {
  for (const table of manifest.tables) {
    await tables.load(table, tell(readTable(table, source), table, { step: "load", ...work }));
  }
  for (const table of manifest.tables) await compareTable(tables, table, { source, ...work });
}

async function compareTable(
  tables: SnapshotTables,
  table: BackupTable,
  { source, ...work }: BackupWork & { readonly source: MemberSource },
): Promise<void> {
  const chain = new ContentChain(source.deps.createHasher);
  for await (const chunk of tell(tables.read(table), table, { step: "compare", ...work })) {
    chain.update(chunk);
  }
  const found = chain.finish();
  const index = table.checks.findIndex((check, at) =>
    found[at]?.rows !== check.rows || found[at]?.sha256 !== check.sha256
  );
  if (index < 0 && found.length === table.checks.length) return;
  const first = (table.checks[index - 1]?.rows ?? 0) + 1;
  throw new RestoreDiffersError(
    `Cannot restore ${table.table}: from row ${first} on the database has other rows than the backup ` +
      `(${chain.rows} instead of ${table.rows} in all)`,
  );
}

/** Passes rows on, tells how many there were and ends when that is wanted. */
async function* tell(
  chunks: AsyncIterable<Uint8Array>,
  table: BackupTable,
  { step, onProgress, signal }: BackupWork & { readonly step: "load" | "compare" },
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  let told = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
    bytes += chunk.length;
    // Rows are counted by their share of the bytes: counting them takes as long as hashing them.
    const done = Math.floor(table.rows * Math.min(1, bytes / Math.max(1, table.bytes)));
    if (done - told < PROGRESS_ROWS) continue;
    told = done;
    onProgress?.({ step, member: table.table, done, total: table.rows });
  }
}

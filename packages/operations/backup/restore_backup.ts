import {
  type BackupManifest,
  type BackupOrigin,
  BackupPlaceError,
  BackupRefusedError,
  formatInstant,
  type LoadTables,
  type LockHolder,
  type RestoreCarry,
  type SnapshotTables,
} from "@ipcascade/core";
import { summarizeBackup } from "./backup_entry.ts";
import type { BackupDeps, BackupWork } from "./deps.ts";
import { findMark } from "./open_manifest.ts";
import { loadTables } from "./load_tables.ts";
import type { BackupSummary, RestoredTable, RestoreReport } from "./reports.ts";
import { planEditions, restoreEditions } from "./restore_editions.ts";
import { saveReplaced } from "./save_replaced.ts";
import { openBackup, type RestoreSource, trustBackup, type TrustedBackup } from "./trusted_backup.ts";

/** What a restore would do, for whoever confirms it. */
export interface RestorePlan {
  /** Where the backup lies. */
  readonly place: string;
  readonly backup: BackupSummary;
  /** Where the rows come from when that is another database than the one they go into; null otherwise. */
  readonly other_database: BackupOrigin | null;
  readonly tables: readonly {
    readonly table: string;
    /** Rows of the backup. */
    readonly rows: number;
    /** Rows of the database. */
    readonly rows_now: number;
  }[];
  /** Where a backup of what is replaced will lie. */
  readonly safety_place: string;
  /** What becomes of the editions, for people. */
  readonly editions: string;
}

/** How a restore goes. */
export interface RestoreOptions extends BackupWork {
  /** Loads the backup beside the database and tells what would change; nothing is changed. */
  readonly isDryRun: boolean;
  readonly withEditions: boolean;
  /** How long whoever uses the tables is waited for, in milliseconds. */
  readonly waitMs: number;
  /** Told whom it waits for. */
  readonly onWait?: (holders: readonly LockHolder[]) => void;
  /** Asked once the backup is verified and before anything is touched; false ends the restore. */
  readonly confirm?: (plan: RestorePlan) => Promise<boolean>;
  /** Told when the rows are about to be committed: `signal` ends nothing any more. */
  readonly onCommit?: () => void;
}

/** A restore that nobody confirmed. */
export interface UnconfirmedRestore {
  readonly operation: "restore";
  readonly status: "not_confirmed";
}

/**
 * Replaces the database's rows by those of a backup. The backup is verified to its last row before anything is touched;
 * what is replaced is backed up first; everything happens in one transaction, in which what was written is read back
 * and compared with the backup. Throws `BackupDamagedError`, `BackupRefusedError`, `RestoreDiffersError`,
 * `LockHeldError`, `BackupPlaceError`, `StoreError`; then the database is as it was.
 */
export async function restoreBackup(
  deps: BackupDeps,
  given: RestoreSource,
  options: RestoreOptions,
): Promise<RestoreReport | UnconfirmedRestore> {
  const { clock, database } = deps;
  const { onProgress, signal, isDryRun } = options;
  const startedAt = clock.now();
  const startedMs = clock.elapsed();
  const here = await database.snapshot(({ schema, tables, origin }) =>
    Promise.resolve({ schema, tables, origin })
  );
  const backup = await openBackup(given, signal);
  checkTables(backup.manifest, here);
  const { withEditions } = options;
  await trustBackup(given, backup.manifest, { withEditions, onProgress, signal });
  const summary = await summarize(given, backup.manifest);
  const otherDatabase = isOther(backup.manifest.origin, here.origin) ? backup.manifest.origin : null;
  const describe = (parts: Pick<RestoreReport, "tables" | "safety_backup" | "editions" | "carried">) => ({
    operation: "restore" as const,
    status: isDryRun ? "would_restore" as const : "done" as const,
    place: given.deps.place.place,
    backup: summary,
    other_database: otherDatabase,
    is_dry_run: isDryRun,
    ...parts,
    migrated_from: backup.manifest.schema.version < here.schema.version
      ? backup.manifest.schema.version
      : null,
    started_at: formatInstant(startedAt),
    duration_ms: Math.round(clock.elapsed() - startedMs),
  });
  if (isDryRun) {
    const tables = await compare(backup, deps, options);
    const editions = await foretell(backup.manifest, deps, options);
    return describe({ tables, safety_backup: null, editions, carried: [] });
  }
  if (!await isConfirmed({ backup, summary, otherDatabase }, deps, { given, options })) {
    return { operation: "restore", status: "not_confirmed" };
  }
  const { safetyId, carried } = await replace(backup, deps, options);
  const editions = options.withEditions
    // The rows are committed: what belongs to them is not left half done.
    ? await restoreEditions(backup.manifest, { ...deps, source: { ...backup.source, signal: undefined } })
    : NOT_WANTED;
  const tables = backup.manifest.tables.map(({ table, rows }) => ({ table, rows, difference: null }));
  return describe({ tables, safety_backup: safetyId, editions, carried });
}

async function summarize({ deps }: RestoreSource, manifest: BackupManifest): Promise<BackupSummary> {
  return summarizeBackup({ manifest, mark: await findMark(deps, manifest) });
}

const NOT_WANTED: RestoreReport["editions"] = {
  outcome: "not_wanted",
  message: "they were left as they are",
};

/** Of a database that could not be given an id nobody knows. */
function isOther(origin: BackupOrigin, here: BackupOrigin): boolean {
  return origin.id !== null && here.id !== null && origin.id !== here.id;
}

type PresentTables = Pick<SnapshotTables, "schema" | "tables">;

async function countTables(tables: SnapshotTables): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { table } of tables.tables) counts.set(table, await tables.countRows(table));
  return counts;
}

/** A backup of the present schema has the present tables; one of an older schema has none that are unknown. */
function checkTables({ tables, schema }: BackupManifest, here: PresentTables): void {
  const backedUp = new Set(tables.map(({ table }) => table));
  const known = new Set(here.tables.map(({ table }) => table));
  const strange = [...backedUp].filter((table) => !known.has(table));
  const missing = schema.version < here.schema.version
    ? []
    : [...known].filter((table) => !backedUp.has(table));
  if (strange.length > 0) {
    throw new BackupRefusedError(`Cannot restore the backup: ${strange.join(", ")} is no table here`);
  }
  if (missing.length > 0) {
    throw new BackupRefusedError(`Cannot restore the backup: it lacks ${missing.join(", ")}`);
  }
}

async function compare(
  { manifest, source }: TrustedBackup,
  { database }: BackupDeps,
  { onProgress, signal }: RestoreOptions,
): Promise<readonly RestoredTable[]> {
  return await database.rehearse(async (tables) => {
    await loadTables(tables, manifest, { source, onProgress, signal });
    const differences = await tables.differences(manifest.tables);
    return differences.map(({ table, ...difference }) => {
      const rows = manifest.tables.find((one) => one.table === table)?.rows ?? 0;
      return { table, rows, difference };
    });
  }, { schemaVersion: manifest.schema.version, signal });
}

async function foretell(
  manifest: BackupManifest,
  deps: BackupDeps,
  { withEditions }: RestoreOptions,
): Promise<RestoreReport["editions"]> {
  if (!withEditions) return NOT_WANTED;
  const id = manifest.editions?.set.id ?? "";
  return await planEditions(manifest, deps) ??
    { outcome: "installed", message: `those of the set ${id} would be verified and serve` };
}

async function isConfirmed(
  { backup, summary, otherDatabase }: {
    readonly backup: TrustedBackup;
    readonly summary: BackupSummary;
    readonly otherDatabase: BackupOrigin | null;
  },
  deps: BackupDeps,
  { given, options }: { readonly given: RestoreSource; readonly options: RestoreOptions },
): Promise<boolean> {
  if (options.confirm === undefined) return true;
  const now = await deps.database.snapshot(countTables);
  const tables = backup.manifest.tables.map(({ table, rows }) => ({
    table,
    rows,
    rows_now: now.get(table) ?? 0,
  }));
  return await options.confirm({
    place: given.deps.place.place,
    backup: summary,
    other_database: otherDatabase,
    tables,
    safety_place: deps.place.place,
    editions: (await foretell(backup.manifest, deps, options)).message,
  });
}

async function replace(
  { manifest, source }: TrustedBackup,
  deps: BackupDeps,
  { onProgress, signal, waitMs, onWait, onCommit }: RestoreOptions,
): Promise<{ readonly safetyId: string; readonly carried: readonly RestoreCarry[] }> {
  await using _lock = await saving(() => deps.place.lock("restore a backup"));
  // A place that can't be reached is found out before everybody has to wait for it.
  await saving(() => deps.place.listIds());
  return await deps.database.replace(async ({ old, clear, finish, settle }) => {
    const safetyId = await saving(() => saveReplaced(old, deps, { restored: manifest, onProgress, signal }));
    const tables: LoadTables = await clear();
    await loadTables(tables, manifest, { source, onProgress, signal });
    await finish(manifest.tables);
    const carried = await settle();
    signal?.throwIfAborted();
    onCommit?.();
    return { safetyId, carried };
  }, { schemaVersion: manifest.schema.version, waitMs, onWait, signal });
}

/** What can't be backed up is not replaced. */
async function saving<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BackupPlaceError)) throw error;
    throw new BackupPlaceError(
      `Cannot back up what the restore would replace, so nothing was changed: ${error.message}; ` +
        "point BACKUP_DIR at a place with room, and name the backup by its path",
    );
  }
}

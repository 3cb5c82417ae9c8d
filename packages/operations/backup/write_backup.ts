import {
  BACKUP_FORMAT,
  type BackupEditionSet,
  type BackupManifest,
  type BackupPacking,
  type BackupReason,
  type BackupStaging,
  type BackupTable,
  formatInstant,
  type MissingEditions,
  readBackupManifest,
  renderBackupManifest,
  type SnapshotTables,
} from "@ipcascade/core";
import { createSetId } from "../editions/set_id.ts";
import type { BackupDeps, BackupReadDeps, BackupWork } from "./deps.ts";
import { digestWith } from "./digest_text.ts";
import { type SaveTables, saveTables } from "./save_tables.ts";

/** What a new backup is called. */
export interface BackupName {
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number;
}

/** Names a backup that is made now. */
export function nameBackup({ clock, random }: Pick<BackupDeps, "clock" | "random">): BackupName {
  const createdAt = clock.now();
  return { id: createSetId(createdAt, random), createdAt };
}

/** What a new backup is, besides its tables. */
export interface BackupParts {
  readonly name: BackupName;
  readonly reason: BackupReason;
  readonly packing: BackupPacking;
  readonly editions: BackupEditionSet | MissingEditions;
}

/**
 * Makes a backup of tables that are open, such as those that a restore is about to replace; it holds no editions for
 * the reason given. Needs the place's lock. Nothing is left of it when it fails.
 */
export async function writeBackup(
  tables: SnapshotTables,
  deps: BackupReadDeps,
  options: BackupParts & { readonly editions: MissingEditions } & BackupWork,
): Promise<BackupManifest> {
  await using staging = await deps.place.stage(options.name.id);
  const saved = await saveInto(staging, tables, { ...options, deps });
  return await commitBackup(staging, deps, { ...options, ...saved });
}

/** The tables of a backup, with where they come from. */
export interface SavedTables extends Pick<SnapshotTables, "schema" | "origin"> {
  readonly tables: readonly BackupTable[];
}

/** Saves all tables of a backup. */
export async function saveInto(
  staging: BackupStaging,
  tables: SnapshotTables,
  options:
    & Pick<BackupParts, "packing" | "reason">
    & Pick<SaveTables, "onBadRow">
    & BackupWork
    & { readonly deps: BackupReadDeps },
): Promise<SavedTables> {
  const { deps, packing, reason, onBadRow, onProgress, signal } = options;
  const { createHasher } = deps;
  const step = reason === "before_restore" ? "save" : "back_up";
  const saved = await saveTables(tables, {
    staging,
    packing,
    createHasher,
    step,
    onBadRow,
    onProgress,
    signal,
  });
  return { schema: tables.schema, origin: tables.origin, tables: saved };
}

/** Writes the manifest, with which the backup exists. */
export async function commitBackup(
  staging: BackupStaging,
  deps: BackupReadDeps,
  parts: BackupParts & SavedTables & Pick<BackupWork, "signal">,
): Promise<BackupManifest> {
  const digest = digestWith(deps.createHasher);
  const { name, reason, packing, editions, schema, origin, tables } = parts;
  const document = renderBackupManifest({
    format: BACKUP_FORMAT,
    id: name.id,
    created_at: formatInstant(name.createdAt),
    reason,
    product_version: deps.productVersion,
    schema,
    origin,
    encryption: packing.encryption,
    tables,
    ..."set" in editions
      ? { editions, missing_editions: null }
      : { editions: null, missing_editions: editions },
  }, digest);
  // What this program could not read back must not become a backup.
  const manifest = readBackupManifest(document, digest);
  parts.signal?.throwIfAborted();
  await staging.commit(document);
  return manifest;
}

import {
  type BackupEditionSet,
  type BackupManifest,
  type BackupPacking,
  type BackupReason,
  type BackupStaging,
  formatInstant,
  type MissingEditions,
} from "@ipcascade/core";
import type { BackupDeps, BackupWork } from "./deps.ts";
import { saveEditions } from "./save_editions.ts";
import type { SaveTables } from "./save_tables.ts";
import { MissingEditionsError } from "./serving_set.ts";
import { commitBackup, nameBackup, saveInto } from "./write_backup.ts";

/** How a backup is made. */
export interface CreateBackup extends BackupWork {
  readonly reason: BackupReason;
  /** False leaves the editions out. */
  readonly withEditions: boolean;
  /** Absent: the codec begins one. */
  readonly packing?: BackupPacking;
  /** Given: every row is decoded on its way, and the first of a table that is not what its columns say is told. */
  readonly onBadRow?: SaveTables["onBadRow"];
}

/**
 * Backs up all tables as they are at one instant, and the editions that serve. Throws `LockHeldError` while somebody
 * else works on the backups, `StoreError` and `BackupPlaceError`; nothing is left of a backup that fails.
 */
export async function createBackup(deps: BackupDeps, options: CreateBackup): Promise<BackupManifest> {
  await using _lock = await deps.place.lock("back up");
  const packing = options.packing ?? await deps.codec.begin();
  const name = nameBackup(deps);
  const { staging, editions } = await stageEditions(deps, { ...options, packing, id: name.id });
  await using _staging = staging;
  const saved = await deps.database.snapshot(
    (tables) => saveInto(staging, tables, { ...options, packing, deps }),
    { signal: options.signal },
  );
  return await commitBackup(staging, deps, { ...options, ...saved, packing, name, editions });
}

interface Staged {
  readonly staging: BackupStaging;
  readonly editions: BackupEditionSet | MissingEditions;
}

type Staging = CreateBackup & { readonly packing: BackupPacking; readonly id: string };

/**
 * Begins a backup with its editions. They come before the tables are opened: the embedded database has one connection,
 * and where it keeps the editions they could not be read while the tables are.
 */
async function stageEditions(deps: BackupDeps, options: Staging): Promise<Staged> {
  if (!options.withEditions) return await stageWithout(deps, options.id, notWanted(deps));
  const staging = await deps.place.stage(options.id);
  try {
    const { createHasher } = deps;
    const editions = await saveEditions(deps.editions, {
      ...options,
      staging,
      createHasher,
      policy: deps.policy,
    });
    return { staging, editions };
  } catch (error) {
    await staging[Symbol.asyncDispose]();
    if (!(error instanceof MissingEditionsError)) throw error;
    const { reason, message } = error.missing;
    if (reason !== "none") deps.log.warn("The backup goes without editions", { reason, message });
    return await stageWithout(deps, options.id, error.missing);
  }
}

async function stageWithout({ place }: BackupDeps, id: string, editions: MissingEditions): Promise<Staged> {
  return { staging: await place.stage(id), editions };
}

function notWanted({ clock }: BackupDeps): MissingEditions {
  return { reason: "not_wanted", at: formatInstant(clock.now()), message: "editions were not asked for" };
}

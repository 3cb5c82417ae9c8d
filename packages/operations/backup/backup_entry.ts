import {
  BackupDamagedError,
  type BackupManifest,
  type BackupMark,
  BackupPlaceError,
  BackupRefusedError,
  UsageError,
} from "@ipcascade/core";
import { explainFiles } from "./check_members.ts";
import { findNote, getManifestText, type ManifestDeps, openManifest } from "./open_manifest.ts";
import type { BackupSummary, DamagedBackup } from "./reports.ts";

/** A backup as it lies there. */
export type BackupEntry = ReadableBackup | UnreadableBackup;

/** One whose manifest can be trusted. */
export interface ReadableBackup {
  readonly status: "ok";
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number;
  readonly manifest: BackupManifest;
  /** Null for one that was not verified. */
  readonly mark: BackupMark | null;
  /** What was found of it, by verification or by the names and sizes of its files; null while nothing is known. */
  readonly damage: string | null;
}

/** One whose manifest is damaged, is of a newer program, or can't be read at the moment. */
export interface UnreadableBackup {
  readonly status: "damaged";
  readonly id: string;
  /** By its id. */
  readonly createdAt: number;
  readonly error: BackupDamagedError | BackupRefusedError | BackupPlaceError;
}

/** Reads what lies at the place of the backups; what one of them is like keeps none of the others from being read. */
export async function readBackupEntries(deps: ManifestDeps): Promise<readonly BackupEntry[]> {
  const entries: BackupEntry[] = [];
  for (const id of await deps.place.listIds()) {
    const entry = await findBackupEntry(deps, id);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

/** One backup; null when there is none of that id. */
export async function findBackupEntry(deps: ManifestDeps, id: string): Promise<BackupEntry | null> {
  try {
    return await readEntry(deps, id);
  } catch (error) {
    if (error instanceof UsageError) return null;
    if (!isUnreadable(error)) throw error;
    return { status: "damaged", id, createdAt: instantOfId(id), error };
  }
}

async function readEntry(deps: ManifestDeps, id: string): Promise<ReadableBackup> {
  const { text, manifest } = await openManifest(deps, id);
  const { mark, damage: found } = await findNote(deps, manifest);
  const damage = found ?? explainFiles(manifest, await deps.place.listFiles(id));
  // Pruning takes editions, and whole backups, away meanwhile.
  if (damage !== null && await getManifestText(deps, id) !== text) return await readEntry(deps, id);
  const createdAt = Date.parse(manifest.created_at);
  return { status: "ok", id, createdAt, manifest, mark: damage === null ? mark : null, damage };
}

function isUnreadable(error: unknown): error is UnreadableBackup["error"] {
  return error instanceof BackupDamagedError || error instanceof BackupRefusedError ||
    error instanceof BackupPlaceError;
}

/** The instant that an id of a backup begins with, in milliseconds; of an id that says none, the end of time. */
export function instantOfId(id: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(id);
  if (parts === null) return Infinity;
  const [year, month, day, hour, minute, second] = parts.slice(1);
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? Infinity : ms;
}

/** A backup in short, or what is wrong with it. */
export function describeEntry(entry: BackupEntry): BackupSummary | DamagedBackup {
  if (entry.status === "ok" && entry.damage === null) return summarizeBackup(entry);
  const message = entry.status === "ok" ? entry.damage ?? "" : entry.error.message;
  return { id: entry.id, status: "damaged", message };
}

/** A backup in short. */
export function summarizeBackup(
  { manifest, mark }: Pick<ReadableBackup, "manifest" | "mark">,
): BackupSummary {
  const { tables, editions } = manifest;
  const files = editions?.files ?? [];
  return {
    id: manifest.id,
    status: "ok",
    created_at: manifest.created_at,
    reason: manifest.reason,
    product_version: manifest.product_version,
    schema_version: manifest.schema.version,
    origin: manifest.origin,
    encrypted: manifest.encryption !== null,
    rows: sum(tables.map(({ rows }) => rows)),
    bytes: sum([...tables, ...files].map(({ bytes }) => bytes)),
    file_bytes: sum([...tables, ...files].map(({ file_bytes }) => file_bytes)),
    editions: editions === null ? null : files.map(({ edition }) => edition),
    missing_editions: manifest.missing_editions,
    verified: mark === null ? null : { at: mark.verified_at, depth: mark.depth },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

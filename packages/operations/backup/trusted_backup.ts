import {
  BackupDamagedError,
  type BackupManifest,
  BackupRefusedError,
  type TransformBytes,
} from "@ipcascade/core";
import type { BackupReadDeps, BackupWork } from "./deps.ts";
import { checkSchema } from "./known_schema.ts";
import { findMark, openManifest } from "./open_manifest.ts";
import type { MemberSource } from "./read_member.ts";
import { verifyBackup } from "./verify_backup.ts";

/** A backup somewhere. */
export interface RestoreSource {
  readonly deps: BackupReadDeps;
  readonly id: string;
}

/** A backup whose every row was read. */
export interface TrustedBackup {
  readonly manifest: BackupManifest;
  readonly source: MemberSource;
}

/**
 * Reads a backup's manifest and finds out whether it may be restored here, without reading its rows. Throws
 * `BackupDamagedError` and `BackupRefusedError`.
 */
export async function openBackup(
  { deps, id }: RestoreSource,
  signal?: AbortSignal,
): Promise<TrustedBackup> {
  const { manifest } = await openManifest(deps, id);
  checkSchema(manifest.schema, deps.schemas);
  return { manifest, source: { deps, id, unpack: findUnpack(manifest, deps), signal } };
}

/**
 * Verifies every row of a backup. Where its mark says that they were decoded before, they are compared with the digests
 * of that same manifest, which proves as much. Throws `BackupDamagedError`.
 */
export async function trustBackup(
  { deps, id }: RestoreSource,
  manifest: BackupManifest,
  work: BackupWork,
): Promise<void> {
  const depth = (await findMark(deps, manifest))?.depth ?? "files";
  const report = await verifyBackup(deps, id, { depth: "rows", isDecoding: depth === "files", ...work });
  if (report.status === "sound") return;
  const member = report.members.find(({ problem }) => problem !== null)?.member ?? "manifest";
  throw new BackupDamagedError(report.message ?? `Cannot trust the backup "${id}"`, member);
}

function findUnpack({ encryption }: BackupManifest, { codec }: BackupReadDeps): TransformBytes {
  const unpack = codec.findUnpack(encryption);
  if (unpack !== null) return unpack;
  throw new BackupRefusedError(
    `Cannot read the backup: it is encrypted for ${encryption?.recipients.join(", ")}; ` +
      "give an identity of one of them in BACKUP_AGE_IDENTITY or BACKUP_AGE_IDENTITY_FILE",
  );
}

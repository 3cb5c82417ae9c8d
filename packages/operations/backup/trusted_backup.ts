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

/** How a backup is verified before it is restored. */
export interface TrustBackup extends BackupWork {
  /** False: its tables alone matter, and nothing is written down of it. */
  readonly withEditions: boolean;
}

/**
 * Verifies every row of a backup. Where its mark says that they were decoded before, they are compared with the digests
 * of that same manifest, which proves as much. Throws `BackupDamagedError`.
 */
export async function trustBackup(
  { deps, id }: RestoreSource,
  manifest: BackupManifest,
  { withEditions, ...work }: TrustBackup,
): Promise<void> {
  const depth = (await findMark(deps, manifest))?.depth ?? "files";
  const isDecoding = depth === "files";
  const isMarking = withEditions;
  const report = await verifyBackup(deps, id, {
    depth: "rows",
    isDecoding,
    withEditions,
    isMarking,
    ...work,
  });
  if (report.status === "sound") return;
  const bad = report.members.filter(({ problem }) => problem !== null).map(({ member }) => member);
  const message = report.message ?? `Cannot trust the backup "${id}"`;
  const way = isWithoutRows(bad, manifest) ? `; --no-editions restores the rows of ${id} alone` : "";
  throw new BackupDamagedError(`${message}${way}`, bad[0] ?? "manifest");
}

/** Whether nothing but editions is damaged. */
function isWithoutRows(bad: readonly string[], { editions }: BackupManifest): boolean {
  const names = new Set(editions?.files.map(({ edition }) => edition));
  return bad.length > 0 && bad.every((member) => names.has(member));
}

function findUnpack({ encryption }: BackupManifest, { codec }: BackupReadDeps): TransformBytes {
  const unpack = codec.findUnpack(encryption);
  if (unpack !== null) return unpack;
  throw new BackupRefusedError(
    `Cannot read the backup: it is encrypted for ${encryption?.recipients.join(", ")}; ` +
      "give an identity of one of them in BACKUP_AGE_IDENTITY or BACKUP_AGE_IDENTITY_FILE",
  );
}

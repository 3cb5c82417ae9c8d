import {
  BackupDamagedError,
  type BackupDepth,
  type BackupManifest,
  BackupPlaceError,
  BackupRefusedError,
  type EnrichmentError,
  formatInstant,
  RestoreDiffersError,
  StoreError,
  type TransformBytes,
} from "@ipcascade/core";
import { checkMember, findExtraFiles, listMembers } from "./check_members.ts";
import type { BackupReadDeps, BackupWork, OpenScratch } from "./deps.ts";
import { checkSchema } from "./known_schema.ts";
import { condemnBackup, markBackup } from "./mark_backup.ts";
import { getManifestText, type OpenManifest, openManifest } from "./open_manifest.ts";
import type { MemberSource } from "./read_member.ts";
import type { BackupVerifyReport, VerifiedMember } from "./reports.ts";
import { tryRestore } from "./try_restore.ts";

/** How a backup is verified. */
export interface VerifyBackup extends BackupWork {
  /** `files`: the stored bytes; `rows`: every row and every database as well; `restore`: a restore beside everything. */
  readonly depth: BackupDepth;
  /**
   * False where every row of this manifest was decoded before: comparing its rows with its digests then proves as much,
   * in a third of the time. Default true.
   */
  readonly isDecoding?: boolean;
  /** Where a restore is tried. */
  readonly openScratch?: OpenScratch;
  /** Absent: the codec's, by the identities that are known here. */
  readonly unpack?: TransformBytes;
  /** False looks at the tables alone, whatever else lies there. Default true. */
  readonly withEditions?: boolean;
  /** False writes nothing down. Default true. */
  readonly isMarking?: boolean;
}

/**
 * Compares a backup with its manifest: all of its members, whatever is found of the first. Damage is in the report. A
 * sound backup is marked as verified; of a damaged one is written down instead what was found. Throws `UsageError` when there is no such backup,
 * `BackupPlaceError` when the place can't be read, and what keeps a restore from being tried.
 */
export async function verifyBackup(
  deps: BackupReadDeps,
  id: string,
  options: VerifyBackup,
): Promise<BackupVerifyReport> {
  const [startedAt, begin] = [deps.clock.now(), deps.clock.elapsed()];
  const finding = await examine(deps, id, options);
  if (options.isMarking ?? true) await noteFinding(deps, id, finding);
  return {
    operation: "verify-backup",
    place: deps.place.place,
    id,
    status: finding.status,
    depth: finding.depth,
    members: finding.members,
    message: findProblem(finding.members),
    started_at: formatInstant(startedAt),
    duration_ms: deps.clock.elapsed() - begin,
  };
}

function findProblem(members: readonly VerifiedMember[]): string | null {
  return members.find(({ problem }) => problem !== null)?.problem ?? null;
}

interface Finding extends Pick<BackupVerifyReport, "status" | "depth" | "members"> {
  /** Null when it can't be trusted. */
  readonly manifest: BackupManifest | null;
}

async function examine(deps: BackupReadDeps, id: string, options: VerifyBackup): Promise<Finding> {
  try {
    return await examineMembers(deps, await openManifest(deps, id), options);
  } catch (error) {
    const isDamaged = error instanceof BackupDamagedError;
    if (!isDamaged && !(error instanceof BackupRefusedError)) throw error;
    const problem = error.message;
    const members = [{ member: "manifest", file: "manifest.json", rows: null, bytes: null, problem }];
    return { status: isDamaged ? "damaged" : "refused", depth: options.depth, members, manifest: null };
  }
}

async function examineMembers(
  deps: BackupReadDeps,
  { text, manifest }: OpenManifest,
  options: VerifyBackup,
): Promise<Finding> {
  const known = options.unpack ?? deps.codec.findUnpack(manifest.encryption);
  const unpack = options.depth === "files" ? null : known;
  const { id } = manifest;
  if (options.depth !== "files") checkSchema(manifest.schema, deps.schemas);
  const files = await deps.place.listFiles(id);
  const stored = new Map(files.map((one) => [one.file, one]));
  const members: VerifiedMember[] = [
    { member: "manifest", file: "manifest.json", rows: null, bytes: null, problem: null },
  ];
  const withEditions = options.withEditions ?? true;
  for (const member of listMembers(manifest)) {
    if (!withEditions && member.kind === "edition") continue;
    members.push(await checkMember(member, stored, { isDecoding: true, ...options, deps, id, unpack }));
  }
  if (withEditions) members.push(...findExtraFiles(manifest, files));
  if (options.depth === "restore" && unpack !== null && members.every(({ problem }) => problem === null)) {
    members.push(
      await checkRestore(manifest, { ...options, source: { deps, id, unpack, signal: options.signal } }),
    );
  }
  // Editions that expire are taken out by a new manifest: what was compared with the old one says nothing.
  if (await getManifestText(deps, id) !== text) {
    return await examineMembers(deps, await openManifest(deps, id), options);
  }
  const isDamaged = members.some(({ problem }) => problem !== null);
  return {
    status: isDamaged ? "damaged" : known === null ? "sealed" : "sound",
    depth: unpack === null ? "files" : options.depth,
    members,
    manifest,
  };
}

/** Whether the backup can be restored, as a member of its own. */
async function checkRestore(
  manifest: BackupManifest,
  { openScratch, source, ...work }: VerifyBackup & { readonly source: MemberSource },
): Promise<VerifiedMember> {
  if (openScratch === undefined) throw new TypeError("Cannot try a restore: there is no scratch database");
  const member = { member: "restore", file: "", rows: sumRows(manifest), bytes: null };
  try {
    await tryRestore(manifest, openScratch, { source, ...work });
    return { ...member, problem: null };
  } catch (error) {
    work.signal?.throwIfAborted();
    if (!isRefusal(error)) throw error;
    return { ...member, problem: error.message };
  }
}

function sumRows({ tables }: BackupManifest): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}

/** Whether it is about the rows: a full disk and a lost connection say nothing of the backup. */
function isRefusal(error: unknown): error is EnrichmentError {
  if (error instanceof StoreError) return error.refusesRows;
  return error instanceof RestoreDiffersError || error instanceof BackupDamagedError;
}

async function noteFinding(
  deps: BackupReadDeps,
  id: string,
  { status, depth, manifest, members }: Finding,
): Promise<void> {
  try {
    if (status === "sound" && manifest !== null) await markBackup(deps, manifest, depth);
    if (status === "damaged") await condemnBackup(deps, id, findProblem(members) ?? status);
  } catch (error) {
    // A place that can only be read says as much about the backup.
    if (!(error instanceof BackupPlaceError)) throw error;
    deps.log.warn("The backup can't be marked", { id, reason: error.message });
  }
}

import {
  BackupDamagedError,
  type BackupEdition,
  type BackupManifest,
  type BackupTable,
  type StoredFile,
  type TransformBytes,
} from "@ipcascade/core";
import { checkRows } from "./check_rows.ts";
import type { BackupReadDeps, BackupWork } from "./deps.ts";
import { damaged, readBackedUpEdition, readStored, readTable } from "./read_member.ts";
import type { VerifiedMember } from "./reports.ts";

/** A member of a backup under verification. */
export type Member =
  | { readonly kind: "table"; readonly name: string; readonly file: BackupTable }
  | { readonly kind: "edition"; readonly name: string; readonly file: BackupEdition };

/** How members are read. */
export interface MemberCheck extends BackupWork {
  readonly deps: Pick<BackupReadDeps, "place" | "createHasher">;
  readonly id: string;
  /** Null: the stored bytes alone are compared. */
  readonly unpack: TransformBytes | null;
  /** False: the rows of this very manifest were decoded before, and are only compared with it. */
  readonly isDecoding: boolean;
}

/** The members of a manifest. */
export function listMembers({ tables, editions }: BackupManifest): readonly Member[] {
  return [
    ...tables.map((file) => ({ kind: "table" as const, name: file.table, file })),
    ...(editions?.files ?? []).map((file) => ({ kind: "edition" as const, name: file.edition, file })),
  ];
}

/** Checks one member against what lies there; what is damaged is in the result, not thrown. */
export async function checkMember(
  member: Member,
  stored: ReadonlyMap<string, StoredFile>,
  check: MemberCheck,
): Promise<VerifiedMember> {
  const size = stored.get(member.file.file)?.size ?? null;
  const problem = explainSize(member, size) ?? await findProblem(member, check);
  return { ...describeMember(member, check), problem };
}

function describeMember(
  { kind, name, file }: Member,
  { unpack }: MemberCheck,
): Omit<VerifiedMember, "problem"> {
  const isRead = unpack !== null;
  return {
    member: name,
    file: file.file,
    rows: isRead && kind === "table" ? file.rows : null,
    bytes: isRead ? file.bytes : null,
  };
}

function explainSize({ name, file }: Member, size: number | null): string | null {
  const problem = describeSize(file, size);
  return problem === null ? null : damaged(name, problem).message;
}

function describeSize({ file, file_bytes }: Member["file"], size: number | null): string | null {
  if (size === null) return `${file} is missing`;
  return size === file_bytes ? null : `${file} has ${size} bytes instead of ${file_bytes}`;
}

/** What is wrong with a backup by the names and sizes of its files alone, for people; null when nothing is. */
export function explainFiles(manifest: BackupManifest, stored: readonly StoredFile[]): string | null {
  const sizes = new Map(stored.map(({ file, size }) => [file, size]));
  for (const { file } of listMembers(manifest)) {
    const problem = describeSize(file, sizes.get(file.file) ?? null);
    if (problem !== null) return problem;
  }
  const [extra] = findExtraFiles(manifest, stored);
  return extra === undefined ? null : `no manifest names ${extra.file}`;
}

async function findProblem(member: Member, check: MemberCheck): Promise<string | null> {
  try {
    await readMember(member, check);
    return null;
  } catch (error) {
    check.signal?.throwIfAborted();
    if (error instanceof BackupDamagedError) return error.message;
    throw error;
  }
}

async function readMember(member: Member, check: MemberCheck): Promise<void> {
  const { name } = member;
  const tell = (done: number, total: number) =>
    check.onProgress?.({ step: "verify", member: name, done, total });
  const total = check.unpack === null ? member.file.file_bytes : member.file.bytes;
  let done = 0;
  tell(done, total);
  for await (const chunk of openMember(member, check)) {
    done += chunk.length;
    tell(done, total);
  }
}

function openMember(
  member: Member,
  { deps, id, unpack, isDecoding, signal }: MemberCheck,
): AsyncIterable<Uint8Array> {
  if (unpack === null) return readStored(member.file, member.name, { deps, id, signal });
  const source = { deps, id, unpack, signal };
  if (member.kind === "edition") return readBackedUpEdition(member.file, source);
  const rows = readTable(member.file, source);
  return isDecoding ? checkRows(member.file, rows) : rows;
}

/** Files that no manifest names. What a rewrite that was stopped did not remove any more is none of them. */
export function findExtraFiles(
  manifest: BackupManifest,
  stored: readonly StoredFile[],
): readonly VerifiedMember[] {
  const known = new Set(listMembers(manifest).map(({ file }) => file.file));
  return stored.filter(({ file }) => !known.has(file) && !isLeftEdition(manifest, file)).map(({ file }) => ({
    member: file,
    file,
    rows: null,
    bytes: null,
    problem: damaged(file, "no manifest names it").message,
  }));
}

/** Tells whether a file is an edition's that a rewrite was about to remove. */
export function isLeftEdition({ editions, missing_editions }: BackupManifest, file: string): boolean {
  return editions === null && missing_editions?.reason === "expired" && file.startsWith("edition-");
}

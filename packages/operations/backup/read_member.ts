import {
  BackupDamagedError,
  type BackupEdition,
  type BackupFile,
  type BackupTable,
  type TransformBytes,
} from "@ipcascade/core";
import { ContentChain } from "./content_chain.ts";
import type { BackupReadDeps } from "./deps.ts";

/** Where a member is read from. */
export interface MemberSource {
  readonly deps: Pick<BackupReadDeps, "place" | "createHasher">;
  readonly id: string;
  readonly unpack: TransformBytes;
  readonly signal?: AbortSignal;
}

/**
 * Reads a table's rows from a backup, as COPY's text format. Throws `BackupDamagedError` naming the table as soon as
 * anything differs from its manifest, which may be after the last row: only what was read to its end is proven.
 */
export async function* readTable(table: BackupTable, source: MemberSource): AsyncIterable<Uint8Array> {
  const chain = new ContentChain(source.deps.createHasher);
  let links = 0;
  for await (const chunk of unpackMember(table, table.table, source)) {
    chain.update(chunk);
    for (; links < chain.checks.length; links++) checkLink(table, chain, links);
    if (chain.bytes > table.bytes) {
      throw damaged(table.table, `it has more than ${table.bytes} bytes of rows`);
    }
    yield chunk;
  }
  const checks = chain.finish();
  if (chain.rows !== table.rows || chain.bytes !== table.bytes || !chain.isWhole) {
    throw damaged(
      table.table,
      `it has ${chain.rows} rows of ${chain.bytes} bytes, its manifest says ${table.rows} of ${table.bytes}`,
    );
  }
  if (checks.length !== table.checks.length) {
    throw damaged(table.table, "its chain of checks has another length");
  }
  for (; links < checks.length; links++) checkLink(table, chain, links);
}

/** Reads an edition from a backup. Throws `BackupDamagedError` naming it when it is not the one that was backed up. */
export async function* readBackedUpEdition(
  edition: BackupEdition,
  source: MemberSource,
): AsyncIterable<Uint8Array> {
  const hasher = source.deps.createHasher("sha256");
  let bytes = 0;
  for await (const chunk of unpackMember(edition, edition.edition, source)) {
    bytes += chunk.length;
    if (bytes > edition.bytes) throw damaged(edition.edition, `it has more than ${edition.bytes} bytes`);
    hasher.update(chunk);
    yield chunk;
  }
  if (bytes !== edition.bytes || hasher.digest() !== edition.sha256) {
    throw damaged(edition.edition, "it is not the database that was backed up");
  }
}

/** Whoever finds damage, the place or the unpacking, the error names the member. */
async function* unpackMember(
  file: BackupFile,
  member: string,
  source: MemberSource,
): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of source.unpack(readStored(file, member, source))) {
      source.signal?.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    throw nameMember(error, member);
  }
}

/** The same error, about this member. */
function nameMember(error: unknown, member: string): unknown {
  if (!(error instanceof BackupDamagedError) || error.member === member) return error;
  // What it could not do is said of the member.
  return damaged(member, error.message.replace(/^Cannot [^:]*: /, ""));
}

/** Reads a file as it lies there. Throws `BackupDamagedError` naming the member when its bytes are others. */
export async function* readStored(
  { file, file_bytes, file_sha256 }: BackupFile,
  member: string,
  source: Pick<MemberSource, "deps" | "id" | "signal">,
): AsyncIterable<Uint8Array> {
  const hasher = source.deps.createHasher("sha256");
  let bytes = 0;
  for await (const chunk of readNamed(file, member, source)) {
    source.signal?.throwIfAborted();
    bytes += chunk.length;
    if (bytes > file_bytes) throw damaged(member, `${file} has more than ${file_bytes} bytes`);
    hasher.update(chunk);
    yield chunk;
  }
  if (bytes !== file_bytes) throw damaged(member, `${file} has ${bytes} bytes instead of ${file_bytes}`);
  if (hasher.digest() !== file_sha256) {
    throw damaged(member, `${file} has another SHA-256 than its manifest says`);
  }
}

async function* readNamed(
  file: string,
  member: string,
  { deps, id }: Pick<MemberSource, "deps" | "id">,
): AsyncIterable<Uint8Array> {
  try {
    yield* deps.place.readFile(id, file);
  } catch (error) {
    throw nameMember(error, member);
  }
}

function checkLink(table: BackupTable, chain: ContentChain, index: number): void {
  const [found, expected] = [chain.checks[index], table.checks[index]];
  if (found?.rows === expected?.rows && found?.sha256 === expected?.sha256) return;
  const first = (table.checks[index - 1]?.rows ?? 0) + 1;
  throw damaged(
    table.table,
    `rows ${first} to ${found?.rows ?? table.rows} are not those that were backed up`,
  );
}

/** The error about a member. */
export function damaged(member: string, problem: string): BackupDamagedError {
  return new BackupDamagedError(`Cannot trust ${member} of the backup: ${problem}`, member);
}

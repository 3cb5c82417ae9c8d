import { type EditionSet, type EditionVerdict, findEditionKind, type VerifyOptions } from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionDeps, EditionPolicy } from "./deps.ts";
import { expectEdition } from "./expected_edition.ts";
import { reportError } from "../reported_error.ts";

/** The verdict on one database, and which it is. */
export interface VerifyItem extends EditionVerdict {
  /** Null for a file that is no edition. */
  readonly edition_id: string | null;
  /** Name of the file. */
  readonly file: string;
}

/** The report of a verification. */
export interface VerifyReport {
  readonly operation: "verify-editions";
  /** `nothing` when there is nothing to verify. */
  readonly verdict: "ok" | "refused" | "nothing";
  /** The set that was verified; null for files. */
  readonly set: string | null;
  readonly items: readonly VerifyItem[];
}

/** What is verified, by what measure. */
export interface VerifyEditionsOptions extends VerifyOptions {
  readonly policy: EditionPolicy;
}

/** Verifies the set that serves, or the plain databases where there is no set. Throws `EditionStoreError`. */
export async function verifyEditions(
  deps: EditionDeps,
  options: VerifyEditionsOptions,
): Promise<VerifyReport> {
  const { current } = await readKeptSets(deps.store);
  if (current !== null) {
    return report(await verifySet(current, deps, options), current.id);
  }
  const items: VerifyItem[] = [];
  for (const plain of await deps.store.listPlain()) {
    items.push(await verifyFile(plain.file, () => plain.read(), deps, { ...options, canaryIs: "error" }));
  }
  return report(items, null);
}

/** A file that an operator wants verified. */
export interface EditionFile {
  readonly file: string;
  read(): Promise<Uint8Array>;
}

/**
 * Verifies files that need not be installed. Canaries that fail and builds that are older than the installed one are
 * told, and refuse nothing: a file may be an old one, or one of another world.
 */
export async function verifyFiles(
  files: readonly EditionFile[],
  deps: EditionDeps,
  options: VerifyEditionsOptions,
): Promise<VerifyReport> {
  const items: VerifyItem[] = [];
  for (const { file, read } of files) {
    items.push(await verifyFile(file, read, deps, { ...options, canaryIs: "warning" }));
  }
  return report(items, null);
}

/** Verifies every database of a set against its manifest. */
export async function verifySet(
  set: EditionSet,
  deps: EditionDeps,
  options: VerifyEditionsOptions,
): Promise<readonly VerifyItem[]> {
  const items: VerifyItem[] = [];
  for (const edition of set.editions) {
    items.push(
      await verifyOne(edition.file, () => deps.store.readEdition(set.id, edition.file), async (bytes) => ({
        ...await deps.verify(bytes, {
          now: deps.clock.now(),
          edition: expectEdition(edition.file, edition.kind),
          sha256: edition.sha256,
          canaries: options.policy.canaries,
        }, options),
        edition_id: edition.edition_id,
        file: edition.file,
      })),
    );
  }
  return items;
}

/** Tells whether a whole set is sound. */
export function isSound(items: readonly VerifyItem[]): boolean {
  return items.length > 0 && items.every(({ verdict }) => verdict === "ok");
}

function verifyFile(
  file: string,
  read: () => Promise<Uint8Array>,
  deps: EditionDeps,
  options: VerifyEditionsOptions & { readonly canaryIs: "error" | "warning" },
): Promise<VerifyItem> {
  return verifyOne(file, read, async (bytes) => {
    const verdict = await deps.verify(bytes, {
      now: deps.clock.now(),
      edition: null,
      canaries: options.policy.canaries,
      canaryIs: options.canaryIs,
    }, options);
    const kind = verdict.database_type === null ? null : findEditionKind(verdict.database_type);
    return { ...verdict, edition_id: kind === null ? null : verdict.database_type, file };
  });
}

/** A file that can't be read is refused, like one that makes no sense. */
async function verifyOne(
  file: string,
  read: () => Promise<Uint8Array>,
  verify: (bytes: Uint8Array) => Promise<VerifyItem>,
): Promise<VerifyItem> {
  let bytes: Uint8Array;
  try {
    bytes = await read();
  } catch (error) {
    return unreadable(file, reportError(error).message);
  }
  return await verify(bytes);
}

function unreadable(file: string, message: string): VerifyItem {
  return {
    edition_id: null,
    file,
    verdict: "refused",
    findings: [{ severity: "error", code: "unreadable", message, offset: null, network: null }],
    database_type: null,
    build_epoch: null,
    size_bytes: 0,
    nodes: 0,
    networks: 0,
    records: 0,
    duration_ms: 0,
  };
}

function report(items: readonly VerifyItem[], set: string | null): VerifyReport {
  const verdict = items.length === 0 ? "nothing" : isSound(items) ? "ok" : "refused";
  return { operation: "verify-editions", verdict, set, items };
}

/** The first thing that is wrong with a set, for people; null when nothing is. */
export function firstFault(items: readonly VerifyItem[]): string | null {
  const refused = items.find(({ verdict }) => verdict === "refused");
  if (refused === undefined) return null;
  const error = refused.findings.find(({ severity }) => severity === "error");
  return `${refused.file}: ${error?.message ?? "refused"}`;
}

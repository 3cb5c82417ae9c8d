import {
  EditionDeliveryError,
  type EditionManifest,
  type EditionRelease,
  type EditionSet,
  type EditionStaging,
  type EditionVerdict,
  noteDownload,
} from "@ipcascade/core";
import type { EditionPolicy, EditionUpdateDeps } from "./deps.ts";
import { EditionRefusedError } from "./edition_refused_error.ts";
import { expectEdition } from "./expected_edition.ts";
import { retryDelivery } from "./retry.ts";
import { pour, type StagedFile, writeStagedFile } from "./staged_file.ts";
import type { StateBook } from "./state_book.ts";

/** Where the work on one edition stands. */
export interface EditionProgress {
  readonly edition_id: string;
  readonly phase: "download" | "verify";
  /** Bytes of a download; per mille of a verification. */
  readonly done: number;
  /** Null when nobody told how much there is. */
  readonly total: number | null;
}

/** How editions are staged. */
export interface StageOptions {
  readonly policy: EditionPolicy;
  readonly retryForMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: EditionProgress) => void;
}

/** An edition in a staged set, verified. */
export interface StagedEdition {
  readonly manifest: EditionManifest;
  readonly warnings: readonly string[];
}

/** Downloads tried for one edition in one run: they are counted by the day. */
const MAX_DOWNLOADS = 3;

/** What staging works on. */
export interface StageDeps extends EditionUpdateDeps {
  readonly staging: EditionStaging;
  readonly book: StateBook;
}

/**
 * Downloads a release into a staged set and verifies it against what the provider announced, the format and the
 * installed edition. Throws `EditionDeliveryError`, `EditionRefusedError`, `EditionStoreError`.
 */
export async function stageRelease(
  release: EditionRelease,
  installed: EditionManifest | null,
  deps: StageDeps,
  options: StageOptions,
): Promise<StagedEdition> {
  const { clock, random, log } = deps;
  const staged = await retryDelivery(() => download(release, deps, options), {
    clock,
    random,
    retryForMs: options.retryForMs,
    maxTries: MAX_DOWNLOADS,
    signal: options.signal,
    onRetry: ({ message }, pauseMs) =>
      log.warn("Trying a download again", { edition: release.edition_id, reason: message, pauseMs }),
  });
  compareChecksums(release, staged);
  return await verifyStaged(release, staged, { deps, options, installed });
}

async function download(release: EditionRelease, deps: StageDeps, options: StageOptions) {
  const { provider, book, clock, staging, createHasher } = deps;
  await book.write((state) => noteDownload(state, clock.now()));
  const { filled, ...file } = await writeStagedFile(staging, release.file, {
    createHasher,
    fill: (sink) =>
      provider.download(release, sink, {
        signal: options.signal,
        onProgress: (done, total) =>
          options.onProgress?.({ edition_id: release.edition_id, phase: "download", done, total }),
      }),
  });
  return { ...file, modified_at: filled.modified_at };
}

function compareChecksums(release: EditionRelease, staged: StagedFile): void {
  for (const algorithm of ["md5", "sha256"] as const) {
    const expected = release[algorithm];
    if (expected === null || expected.toLowerCase() === staged[algorithm]) continue;
    throw new EditionDeliveryError(
      `Cannot use "${release.edition_id}": its ${algorithm.toUpperCase()} is ${
        staged[algorithm]
      }, expected ${expected}`,
      { failure: "checksum" },
    );
  }
}

interface VerifyContext {
  readonly deps: StageDeps;
  readonly options: StageOptions;
  readonly installed: EditionManifest | null;
}

async function verifyStaged(
  release: EditionRelease,
  staged: StagedFile & { readonly modified_at: string | null },
  { deps, options, installed }: VerifyContext,
): Promise<StagedEdition> {
  const { edition_id, kind, file } = release;
  const bytes = await deps.staging.readFile(file);
  const verdict = await deps.verify(bytes, {
    now: deps.clock.now(),
    edition: expectEdition(file, kind),
    sha256: staged.sha256,
    // Builds and sizes of two providers tell nothing about each other.
    installed: installed?.file === file ? installed : null,
    maxChangePercent: options.policy.maxChangePercent,
    canaries: options.policy.canaries,
  }, {
    signal: options.signal,
    onProgress: (share) =>
      options.onProgress?.({ edition_id, phase: "verify", done: Math.round(share * 1_000), total: 1_000 }),
  });
  if (verdict.verdict === "refused") throw new EditionRefusedError(edition_id, verdict);
  return {
    manifest: {
      edition_id,
      kind,
      file,
      ...describeDatabase(verdict),
      size_bytes: staged.size_bytes,
      sha256: staged.sha256,
      md5: staged.md5,
      release: release.release,
      modified_at: staged.modified_at,
    },
    warnings: listWarnings(edition_id, verdict),
  };
}

/** What a manifest takes from a verdict that found a database good. */
export function describeDatabase(
  verdict: EditionVerdict,
): Pick<EditionManifest, "database_type" | "build_epoch" | "networks"> {
  const { database_type, build_epoch, networks } = verdict;
  if (database_type === null || build_epoch === null) {
    throw new TypeError("Cannot describe a database without metadata");
  }
  return { database_type, build_epoch, networks };
}

/** The warnings of a verdict, each with its edition. */
export function listWarnings(editionId: string, verdict: EditionVerdict): readonly string[] {
  return verdict.findings.filter(({ severity }) => severity === "warning")
    .map(({ message }) => `${editionId}: ${message}`);
}

/**
 * Takes an unchanged edition of a set over into a staged one. Null when its file is not what was installed any more,
 * or can't be read.
 */
export async function stageUnchanged(
  edition: EditionManifest,
  set: EditionSet,
  deps: StageDeps,
): Promise<StagedEdition | null> {
  const { store, staging, createHasher, log } = deps;
  let bytes: Uint8Array;
  try {
    bytes = await store.readEdition(set.id, edition.file);
  } catch (error) {
    log.warn("An installed edition can't be read", { edition: edition.edition_id, reason: String(error) });
    return null;
  }
  const staged = await writeStagedFile(staging, edition.file, {
    createHasher,
    fill: (sink) => pour(bytes, sink),
  });
  if (staged.sha256 === edition.sha256) return { manifest: edition, warnings: [] };
  log.warn("An installed edition has changed on disk", { edition: edition.edition_id, set: set.id });
  return null;
}

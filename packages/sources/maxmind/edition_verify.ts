import {
  type Clock,
  type CreateHasher,
  type EditionExpectations,
  type EditionFinding,
  EditionUnreadableError,
  type EditionVerdict,
  findEditionKind,
  type VerifyEdition,
  type VerifyOptions,
} from "@ipcascade/core";
import { checkCanaries } from "./edition_canary.ts";
import { checkChecksum } from "./edition_checksum.ts";
import { checkBuild, checkNetworks, checkSize, checkType, isMaxmindName } from "./edition_expectation.ts";
import { createError, createFinding } from "./edition_finding.ts";
import { checkMetadata } from "./edition_metadata.ts";
import { countTreeBytes, layOutMmdb, type Mmdb } from "./mmdb.ts";
import { type FoundMetadata, type MmdbMetadata, readMetadata } from "./mmdb_metadata.ts";
import { MmdbWalk } from "./mmdb_walk.ts";
import { WorkSlices } from "./work_slices.ts";

/** Damages of tree and records after which the walk ends: more tell nothing new. */
const MAX_DAMAGES = 20;

/** Steps of the walk between two looks at the clock: well below a millisecond. */
const STEPS = 5_000;

/** Share of the work that the checksum is. */
const CHECKSUM_SHARE = 0.1;

/** What verification needs. */
export interface EditionVerifierDeps {
  /** Measures the slices of work. */
  readonly clock: Pick<Clock, "elapsed">;
  readonly createHasher: CreateHasher;
  /** Resolves after other work that is due had its turn; called every 10 ms or so. */
  readonly pause: () => Promise<void>;
}

/**
 * Verifies databases in memory: checksum, metadata, every node of the search tree, every record that it leads to,
 * type, build, size and canary look-ups. Takes a byte a node and a bit for each byte of data besides the database.
 */
export function createEditionVerifier(deps: EditionVerifierDeps): VerifyEdition {
  return (bytes, expectations, options = {}) => new Verification(deps, expectations, options).run(bytes);
}

/** One verification. */
class Verification {
  readonly #deps: EditionVerifierDeps;
  readonly #expectations: EditionExpectations;
  readonly #onProgress: (share: number) => void;
  readonly #slices: WorkSlices;
  readonly #startedAt: number;
  readonly #findings: EditionFinding[] = [];

  constructor(deps: EditionVerifierDeps, expectations: EditionExpectations, options: VerifyOptions) {
    this.#deps = deps;
    this.#expectations = expectations;
    this.#onProgress = options.onProgress ?? (() => {});
    this.#slices = new WorkSlices(deps, options.signal);
    this.#startedAt = deps.clock.elapsed();
  }

  async run(bytes: Uint8Array): Promise<EditionVerdict> {
    await this.#slices.next();
    await this.#compareChecksum(bytes);
    this.#findings.push(...checkSize(bytes.length, this.#expectations));
    const found = this.#readMetadata(bytes);
    // Opening takes up to 30 ms, most of it for the table of the tree's upper part.
    await this.#slices.pause();
    const mmdb = found === null ? null : this.#layOut(bytes, found);
    const walk = mmdb === null ? null : await this.#walk(mmdb);
    this.#onProgress(1);
    return this.#conclude(bytes, found, walk);
  }

  async #compareChecksum(bytes: Uint8Array): Promise<void> {
    const { sha256 } = this.#expectations;
    if (sha256 === null || sha256 === undefined) return;
    const onProgress = (share: number) => this.#onProgress(share * CHECKSUM_SHARE);
    const { createHasher } = this.#deps;
    const slices = this.#slices;
    this.#findings.push(...await checkChecksum(bytes, { sha256, createHasher, slices, onProgress }));
  }

  #readMetadata(bytes: Uint8Array): FoundMetadata | null {
    const found = this.#attempt(() => readMetadata(bytes), null);
    if (found === null) return null;
    const { databaseType, buildEpoch } = found.metadata;
    this.#findings.push(
      ...checkMetadata(found),
      ...checkType(databaseType, this.#expectations),
      ...checkBuild(buildEpoch, this.#expectations),
    );
    return found;
  }

  #layOut(bytes: Uint8Array, found: FoundMetadata): Mmdb | null {
    return this.#attempt(() => layOutMmdb(bytes, found), countTreeBytes(found.metadata));
  }

  /** What `open` opens; null, with a finding, when it can't be read. */
  #attempt<Opened>(open: () => Opened, offset: number | null): Opened | null {
    try {
      return open();
    } catch (error) {
      if (!(error instanceof EditionUnreadableError)) throw error;
      this.#findings.push(createError("unreadable", error.message, { offset }));
      return null;
    }
  }

  async #walk(mmdb: Mmdb): Promise<MmdbWalk> {
    const { nodeCount, databaseType } = mmdb.metadata;
    let damages = 0;
    const walk = new MmdbWalk(mmdb, {
      needsMaps: findEditionKind(databaseType) !== null,
      onDamage: ({ part, message, offset, network }) => {
        if (damages++ < MAX_DAMAGES) this.#findings.push(createError(part, message, { offset, network }));
      },
    });
    while (!walk.isDone && damages < MAX_DAMAGES) {
      walk.advance(STEPS);
      this.#onProgress(CHECKSUM_SHARE + (1 - CHECKSUM_SHARE) * walk.nodes / nodeCount);
      await this.#slices.next();
    }
    if (damages === 0) this.#judgeSurvey(walk, mmdb.metadata);
    this.#findings.push(...checkCanaries(mmdb, this.#expectations));
    return walk;
  }

  /** The format allows nodes out of reach, but MaxMind writes none: a record that led there was changed. */
  #judgeSurvey(walk: MmdbWalk, { nodeCount, databaseType }: MmdbMetadata): void {
    if (walk.nodes < nodeCount) {
      const message = `No path leads to ${nodeCount - walk.nodes} of ${nodeCount} nodes of the search tree`;
      this.#findings.push(
        createFinding(isMaxmindName(databaseType) ? "error" : "warning", { code: "tree", message }),
      );
    }
    this.#findings.push(...checkNetworks(walk.networks, this.#expectations));
  }

  #conclude(bytes: Uint8Array, found: FoundMetadata | null, walk: MmdbWalk | null): EditionVerdict {
    return {
      verdict: this.#findings.some(({ severity }) => severity === "error") ? "refused" : "ok",
      findings: this.#findings,
      database_type: found?.metadata.databaseType ?? null,
      build_epoch: found?.metadata.buildEpoch ?? null,
      size_bytes: bytes.length,
      nodes: walk === null ? 0 : found?.metadata.nodeCount ?? 0,
      networks: walk?.networks ?? 0,
      records: walk?.records ?? 0,
      duration_ms: this.#deps.clock.elapsed() - this.#startedAt,
    };
  }
}

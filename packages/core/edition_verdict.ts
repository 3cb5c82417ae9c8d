import type { EditionKind } from "./edition.ts";

/** What is wrong with a database, or remarkable about it. */
export interface EditionFinding {
  /** An error refuses the database, a warning does not. */
  readonly severity: "error" | "warning";
  /**
   * - `unreadable`: no MaxMind database, or its metadata breaks a rule
   * - `tree`: a record of the search tree leads nowhere, back, or too deep
   * - `record`: a data record can't be decoded
   * - `type`: another edition than the one asked for
   * - `checksum`: not the bytes that were installed or announced
   * - `future`, `older`: the build epoch lies in the future, or before the installed one
   * - `size`, `networks`: far from the installed one's
   * - `canary`: a look-up that must succeed did not
   */
  readonly code:
    | "unreadable"
    | "tree"
    | "record"
    | "type"
    | "checksum"
    | "future"
    | "older"
    | "size"
    | "networks"
    | "canary";
  readonly message: string;
  /** Where in the file, in bytes from its start; null when it is no single place. */
  readonly offset: number | null;
  /** The network concerned in CIDR notation; null when it is no single one. */
  readonly network: string | null;
}

/** The result of verifying one database. */
export interface EditionVerdict {
  /** `refused` with at least one error among the findings. */
  readonly verdict: "ok" | "refused";
  /** The first ones; a walk over a broken database ends early. */
  readonly findings: readonly EditionFinding[];
  /** Null when the file has no readable metadata. */
  readonly database_type: string | null;
  /** Seconds since 1970 UTC. */
  readonly build_epoch: number | null;
  readonly size_bytes: number;
  /** Nodes of the tree. */
  readonly nodes: number;
  /** Networks that have a record; aliases are counted once. */
  readonly networks: number;
  /** Distinct data records. */
  readonly records: number;
  readonly duration_ms: number;
}

/** A look-up that a database must answer as expected. */
export interface EditionCanary {
  /** Canonical text. */
  readonly address: string;
  /** Expected AS number; null expects none in particular. */
  readonly asn: number | null;
  /** ISO alpha-2, upper case; null expects none in particular. */
  readonly country: string | null;
}

/** What a database is measured by, besides the format's own rules. */
export interface EditionExpectations {
  /** Milliseconds since 1970 UTC, for build epochs in the future. */
  readonly now: number;
  /** The edition asked for; null takes any database. */
  readonly edition: { readonly id: string; readonly kind: EditionKind } | null;
  /** SHA-256 in hexadecimal that the bytes must have; null when there is none to compare. */
  readonly sha256?: string | null;
  /** The installed edition of the kind; null when there is none. */
  readonly installed?: {
    readonly build_epoch: number;
    readonly size_bytes: number;
    readonly networks: number;
  } | null;
  /** Whether a build older than the installed one is refused or only told of. Default `error`. */
  readonly olderIs?: "error" | "warning";
  /** How far size and network count may be from the installed ones before it is told, in percent. */
  readonly maxChangePercent?: number;
  readonly canaries?: readonly EditionCanary[];
  /** Whether a failing canary refuses the database. Default `error`. */
  readonly canaryIs?: "error" | "warning";
}

/** How a caller follows or ends a verification. */
export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Share of the work that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Verifies one database in memory, in slices that leave room for other work. Never throws for what the bytes are;
 * throws the signal's reason.
 */
export type VerifyEdition = (
  bytes: Uint8Array,
  expectations: EditionExpectations,
  options?: VerifyOptions,
) => Promise<EditionVerdict>;

import type { ReportedError } from "../reported_error.ts";
import type { EditionOrigin } from "@ipcascade/core";

/** What became of one edition; the first five fields are geoipupdate's, with its types. */
export interface UpdateItem {
  readonly edition_id: string;
  /** MD5 of the database that served before; zeros when there was none. */
  readonly old_hash: string;
  /** MD5 of the database that serves now. */
  readonly new_hash: string;
  /** Seconds since 1970 UTC; when the provider made the release. */
  readonly modified_at: number | null;
  /** Seconds since 1970 UTC; when the provider was last asked. */
  readonly checked_at: number | null;
  /**
   * - `installed`: a new release serves
   * - `current`: the installed one is the provider's newest
   * - `available`: a dry run would install it
   * - `rejected`: the provider's newest failed verification or was rolled back from
   * - `failed`: it could not be had, or was refused
   * - `discarded`: it was good, but the set it belongs to was not complete
   * - `not_due`: the provider was not asked
   * - `unused`: the product has no use for such an edition
   */
  readonly status:
    | "installed"
    | "current"
    | "available"
    | "rejected"
    | "failed"
    | "discarded"
    | "not_due"
    | "unused";
  readonly error: ReportedError | null;
  /** Of the database that serves now, seconds since 1970 UTC. */
  readonly build_epoch: number | null;
  /** Of the database that serves now. */
  readonly sha256: string | null;
  /** The set that serves now. */
  readonly set: string | null;
}

/** The report of an update. Instants are RFC 3339 UTC. */
export interface UpdateReport {
  readonly operation: "update-editions";
  readonly status: "installed" | "adopted" | "current" | "available" | "rejected" | "not_due" | "failed";
  readonly provider: EditionOrigin;
  /** The set that serves now. */
  readonly set: string | null;
  /** The set that served before; the same when nothing was installed. */
  readonly previous_set: string | null;
  readonly items: readonly UpdateItem[];
  readonly error: ReportedError | null;
  readonly warnings: readonly string[];
  /** Earliest next attempt, when something holds it back. */
  readonly next_attempt_at: string | null;
  /** Sets that were destroyed. */
  readonly pruned: readonly string[];
  readonly started_at: string;
  readonly duration_ms: number;
}

/** What geoipupdate writes for "no file". */
export const NO_HASH: string = "0".repeat(32);

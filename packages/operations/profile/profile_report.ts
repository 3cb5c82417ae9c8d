import type { IpRecord, Scope, SourceName } from "@ipcascade/core";

/** The stages of one address, in the order of the waterfall. */
export const PROFILE_STAGES = [
  "parse",
  "inventory_read",
  "maxmind_first",
  "maxmind_warm",
  "permits",
  "cymru",
  "greynoise",
  "waiting",
  "merge",
  "store",
] as const;

/**
 * A stage. `inventory_read` includes reading again once the address is claimed; `permits` is what claims, circuits and
 * quota take in the database; `cymru` and `greynoise` run side by side; `waiting` is the pauses between tries
 * of a source that failed, and for another process that asks about the same address.
 */
export type ProfileStage = (typeof PROFILE_STAGES)[number];

/**
 * What came of a stage: `ran`, `failed`; `inventory` where the stored answer is fresh, `skipped` where the source was
 * not asked for another reason, `unneeded` where there was nothing to do.
 */
export type ProfileStatus = "ran" | "failed" | "inventory" | "skipped" | "unneeded";

/** One stage of the waterfall. Milliseconds with three decimals, from the begin of the profile. */
export interface ProfiledStage {
  readonly stage: ProfileStage;
  readonly status: ProfileStatus;
  readonly start_ms: number;
  /** Of all its parts together; 0 where it did not run. */
  readonly duration_ms: number;
  /** How many parts it had, such as statements or requests. */
  readonly calls: number;
  /** How it ended or why it did not run; null where there is nothing to say. */
  readonly note: string | null;
}

/** The report of `profile`. */
export interface ProfileReport {
  readonly operation: "profile";
  readonly input: string;
  readonly ip_address: string;
  readonly scope: Scope;
  /** True when fresh answers were asked for again. */
  readonly cold: boolean;
  /** True when no source was asked: what was measured is the inventory. */
  readonly from_inventory: boolean;
  readonly asked: readonly SourceName[];
  /** What was measured, in one sentence. */
  readonly summary: string;
  readonly stages: readonly ProfiledStage[];
  readonly total_ms: number;
  /** Units of GreyNoise's quota that were spent. */
  readonly quota_spent: number;
  readonly record: IpRecord;
  /** RFC 3339 UTC. */
  readonly checked_at: string;
}

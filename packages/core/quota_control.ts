import type { SourceName } from "./outcome.ts";
import type { QuotaPolicy, QuotaStatus } from "./quota_ledger.ts";

/** Who changes a quota, when and why. */
export interface QuotaOrder {
  readonly now: number;
  /** Such as `alice@honeypot-1`. */
  readonly actor: string;
  /** Null when none was given. */
  readonly reason: string | null;
}

/** A policy that an operator sets. */
export interface QuotaSetting extends QuotaOrder {
  readonly policy: QuotaPolicy;
  /** Units used in the window of the policy; null leaves them as they were counted. */
  readonly used: number | null;
}

/** What happened to a quota and can be looked up later: a closing by a 429, or an operator's order. */
export interface QuotaChange extends Omit<QuotaOrder, "now"> {
  /** Ascending in time, as digits. */
  readonly id: string;
  readonly source: SourceName;
  readonly action: "closed" | "set" | "reset";
  readonly before: QuotaStatus;
  readonly after: QuotaStatus;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/**
 * The ledger in an operator's hands, while others reserve. Every order leaves a record of who, why, before and after.
 * Every method throws `StoreError` when the ledger can't be read or written; nothing is changed then.
 */
export interface QuotaControl {
  /**
   * Sets the policy, which wins over the setting's and over an earlier word of the provider; a later one wins over it.
   * A closing stays. Without `used`, the counter says no less than the windows inside of it counted. A reservation
   * that is under way may still go by the policy before.
   */
  set(source: SourceName, setting: QuotaSetting): Promise<QuotaChange>;
  /** Puts the counter of the present window to 0 and lifts a closing. */
  reset(source: SourceName, order: QuotaOrder): Promise<QuotaChange>;
  /** The newest changes first. */
  listChanges(source: SourceName, limit: number): Promise<readonly QuotaChange[]>;
}

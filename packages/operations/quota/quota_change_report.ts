import { formatInstant, type QuotaChange } from "@ipcascade/core";
import { describeQuota, type QuotaSnapshot } from "./quota_snapshot.ts";

/** One change of a quota as reports carry it. */
export interface QuotaChangeItem {
  /** `closed` by a provider's 429, or `set` or `reset` by an operator. */
  readonly action: QuotaChange["action"];
  /** RFC 3339 UTC. */
  readonly at: string;
  /** `provider`, or who it was, such as `alice@honeypot-1`. */
  readonly actor: string;
  readonly reason: string | null;
  readonly before: QuotaSnapshot;
  readonly after: QuotaSnapshot;
}

/** A change for a report. */
export function describeQuotaChange(change: QuotaChange): QuotaChangeItem {
  const { action, at, actor, reason, before, after } = change;
  return {
    action,
    at: formatInstant(at),
    actor,
    reason,
    before: describeQuota(before),
    after: describeQuota(after),
  };
}

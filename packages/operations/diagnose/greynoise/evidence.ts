import type { CircuitState, GreynoiseReply, QuotaChange, QuotaPolicy, QuotaStatus } from "@ipcascade/core";
import type { ReportedError } from "../../reported_error.ts";
import type { Known } from "../cymru/evidence.ts";
import type { Connection, NetworkPlace } from "../cymru/probes.ts";
import type { PatternShare } from "../request_pattern.ts";

/** What one request brought, or why none was sent. */
export type GreynoiseProbe =
  | { readonly kind: "not_wanted" }
  | { readonly kind: "no_quota" }
  | { readonly kind: "no_ledger"; readonly error: ReportedError }
  | { readonly kind: "sent"; readonly reply: GreynoiseReply }
  /** The look ended before the source's own time did. */
  | { readonly kind: "late"; readonly waitedMs: number };

/** The ledger and what happened to it, newest first. */
export interface LedgerView {
  readonly status: QuotaStatus;
  readonly changes: readonly QuotaChange[];
}

/** Everything that was found out about GreyNoise. */
export interface GreynoiseEvidence {
  readonly place: NetworkPlace;
  readonly hasKey: boolean;
  readonly connection: Connection;
  /** Before the probe. */
  readonly before: Known<LedgerView>;
  readonly probe: GreynoiseProbe;
  /** After the probe; the same as `before` where none was sent. */
  readonly ledger: Known<LedgerView>;
  /** After the probe, too. */
  readonly circuit: Known<CircuitState>;
  /** Who spent it in the present window; null where nobody records it. */
  readonly spent: Known<readonly PatternShare[]> | null;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** Where GreyNoise's word and ours part. */
export interface LedgerDifference {
  /** What GreyNoise's 429 named; null when it named nothing. */
  readonly learned: QuotaPolicy | null;
  /** What our ledger said was left just before that 429. */
  readonly remainingBefore: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/**
 * The newest 429 that came although our ledger had some left, if it is of this window or if an operator has gone
 * against its word since; null when there is none.
 */
export function findDifference({ status, changes }: LedgerView): LedgerDifference | null {
  const closing = changes.find(({ action }) => action === "closed");
  if (closing === undefined) return null;
  const { before, after, at } = closing;
  const learned = after.origin === "provider" ? after.policy : null;
  const isOverruled = learned !== null && status.origin === "operator" && exceeds(status.policy, learned);
  const isPresent = at >= status.window.startsAt || status.closedUntil !== null;
  const hadSome = before.remaining > 0;
  return isOverruled || isPresent && hadSome && !wasReset(changes, at)
    ? { learned, remainingBefore: before.remaining, at }
    : null;
}

/** Requests in a period as requests in a day, for comparing. */
const DAYS = { day: 1, week: 7, month: 28 } as const;

function exceeds(present: QuotaPolicy, learned: QuotaPolicy): boolean {
  return present.limit / DAYS[present.period] > learned.limit / DAYS[learned.period];
}

/** An operator who reset the counter since then has settled it. */
function wasReset(changes: readonly QuotaChange[], at: number): boolean {
  return changes.some((change) => change.action === "reset" && change.at >= at);
}

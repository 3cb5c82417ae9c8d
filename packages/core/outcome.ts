/** The sources of the cascade, in the order in which they are asked. */
export const SOURCE_NAMES = ["maxmind", "cymru", "greynoise"] as const;
/** One of the sources. */
export type SourceName = (typeof SOURCE_NAMES)[number];

/**
 * Why a source was not asked.
 * - `not_needed`: an earlier source has the answer already (Cymru when MaxMind has the ASN)
 * - `not_applicable`: the source has no such data (GreyNoise and IPv6)
 * - `not_selected`: switched off for this run
 * - `no_edition`: no MaxMind database is installed
 * - `quota_exhausted`, `quota_unknown`: nothing left, or the ledger can't be read
 * - `rate_unknown`: the ledger of send slots can't be read, so nobody knows whether one may be sent now
 * - `circuit_open`: the source failed too often and is left alone for a while
 * - `budget_spent`: this run's allowance for the source is used up
 * - `backing_off`: this address failed lately and its next attempt is not due
 * - `inactive`: the address does too little to be worth a request (activity filter)
 * - `claimed`: another worker has the address at hand
 * - `stopped`: the run was told to stop
 */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Every reason of that kind. */
export const SKIP_REASONS = [
  "not_needed",
  "not_applicable",
  "not_selected",
  "no_edition",
  "quota_exhausted",
  "quota_unknown",
  "rate_unknown",
  "circuit_open",
  "budget_spent",
  "backing_off",
  "inactive",
  "claimed",
  "stopped",
] as const;

/**
 * What kind of failure a source had.
 * - `timeout`: no answer in time
 * - `refused`: the host is there, and nobody listens
 * - `unresolved`: the host's name can't be resolved
 * - `unreachable`: reset, no route, and whatever else keeps a connection from being made
 * - `cut`: the answer ended before it was complete
 * - `garbage`: an answer that does not speak the protocol, or is larger than allowed
 * - `server_error`: HTTP 5xx, DNS SERVFAIL or REFUSED
 * - `rate_limited`: HTTP 429
 * - `unauthorized`: HTTP 401 or 403
 * - `rejected`: any other refusal of the request itself
 * - `corrupt`: the database's record can't be decoded
 * - `aborted`: the caller gave up
 */
export type FailureReason =
  | "timeout"
  | "refused"
  | "unresolved"
  | "unreachable"
  | "cut"
  | "garbage"
  | "server_error"
  | "rate_limited"
  | "unauthorized"
  | "rejected"
  | "corrupt"
  | "aborted";

/** A source's failure: a reason to count and a message for people, without secrets. */
export interface SourceFailure {
  readonly reason: FailureReason;
  readonly message: string;
}

/** What came of asking one source about one address. `durationMs` is the time spent on it. */
export type LookupOutcome<Data> =
  | { readonly status: "hit"; readonly data: Data; readonly durationMs: number }
  | { readonly status: "miss"; readonly durationMs: number }
  | { readonly status: "skipped"; readonly reason: SkipReason; readonly until: number | null }
  | { readonly status: "failed"; readonly failure: SourceFailure; readonly durationMs: number };

/** How asking a source ended, without the details. */
export type OutcomeStatus = LookupOutcome<unknown>["status"];

/** Reasons by which the source did not say anything at all. */
const SILENT: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "timeout",
  "refused",
  "unresolved",
  "unreachable",
]);

/** Tells whether the source did not say anything at all. */
export function isSilence(reason: FailureReason): boolean {
  return SILENT.has(reason);
}

/** Tells whether asking the same again soon can help (the request itself was all right). */
export function isRetryable(reason: FailureReason): boolean {
  return isSilence(reason) || reason === "cut" || reason === "server_error";
}

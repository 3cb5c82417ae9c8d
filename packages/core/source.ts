import type { IpAddress } from "./address.ts";
import type { CymruAnswer, GreynoiseAnswer, MaxmindAnswer } from "./enrichment.ts";
import type { LookupOutcome } from "./outcome.ts";
import type { QuotaPolicy } from "./quota_ledger.ts";

/** The installed MaxMind editions. Epochs are seconds since 1970 UTC, null where an edition is not installed. */
export interface InstalledEditions {
  readonly cityBuildEpoch: number | null;
  readonly asnBuildEpoch: number | null;
}

/** MaxMind's databases, in memory. */
export interface MaxmindSource {
  /** Null when no edition is installed. */
  readonly installed: InstalledEditions | null;
  /** Never throws: a record that can't be decoded is a failed outcome. `checkedAt` is RFC 3339. */
  lookUp(address: IpAddress, checkedAt: string): LookupOutcome<MaxmindAnswer>;
}

/** Team Cymru. One call is one attempt: one DNS question for one address, one bulk whois session for several. */
export interface CymruSource {
  /**
   * Answers for every address given, keyed by canonical text, at most 10 000 a call. Never throws: what the session
   * did not bring is a failed outcome, what it brought before it broke is kept. `onProgress` gets the rows so far.
   */
  lookUpMany(
    addresses: readonly IpAddress[],
    options: CymruOptions,
  ): Promise<Map<string, LookupOutcome<CymruAnswer>>>;
}

/** How a caller follows or ends a look-up. */
export interface CymruOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (answered: number) => void;
}

/** What one GreyNoise request brought. A 404 is a miss, which merging keeps as the answer "never seen". */
export interface GreynoiseReply {
  readonly outcome: LookupOutcome<GreynoiseAnswer>;
  /** False only when the request certainly never left (no turn at the limiter, connection refused). */
  readonly mayHaveArrived: boolean;
  /** Set on a 429: the real quota when the body tells it, and the instant of `Retry-After`. */
  readonly limited: { readonly learned: QuotaPolicy | null; readonly retryAt: number | null } | null;
}

/** GreyNoise Community. One call is one HTTP request, after the rate limiter let it pass. Never throws. */
export interface GreynoiseSource {
  lookUp(address: IpAddress, options: GreynoiseOptions): Promise<GreynoiseReply>;
}

/** How a caller ends a look-up, before or after it is sent. */
export interface GreynoiseOptions {
  readonly signal?: AbortSignal;
  /** Asked once the limiter has let the request pass; when true it is not sent: skipped, `mayHaveArrived` false. */
  readonly isClosed?: () => boolean;
}

import type { SourceName } from "./outcome.ts";

/** How long a quota lasts. */
export type QuotaPeriod = "day" | "week" | "month";

/** How many requests a provider allows in each calendar period (UTC; weeks start on Monday). */
export interface QuotaPolicy {
  readonly limit: number;
  readonly period: QuotaPeriod;
}

/** A calendar period; instants are milliseconds since 1970 UTC, `endsAt` is exclusive. */
export interface QuotaWindow {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Whose word a policy is: the setting's, a provider's 429, or an operator's. The later of the last two wins. */
export type QuotaOrigin = "setting" | "provider" | "operator";

/** The state of one source's quota. */
export interface QuotaStatus {
  readonly source: SourceName;
  readonly policy: QuotaPolicy;
  readonly origin: QuotaOrigin;
  /** When the provider or the operator first said so; null for the setting's word. */
  readonly since: number | null;
  readonly window: QuotaWindow;
  /** Units reserved or spent in this window. */
  readonly used: number;
  readonly remaining: number;
  /** Set while a 429 keeps the source closed. */
  readonly closedUntil: number | null;
  /** When units were first taken in this window, or first after its counter was set; null when none were. */
  readonly firstUsedAt: number | null;
  /** What the counter said just before that. */
  readonly usedBefore: number;
}

/** Units taken from the ledger before sending. */
export interface QuotaGrant {
  readonly source: SourceName;
  /** May be fewer than asked for, down to 0. */
  readonly granted: number;
  readonly window: QuotaWindow;
  /** When more can be had; null while some remain. */
  readonly until: number | null;
  /** Which counting of the window it belongs to: one that an operator ended takes nothing back. */
  readonly counting: number;
}

/** How a caller reserves. */
export interface ReserveOptions {
  /**
   * Part of the limit, 0 to 1, above which this caller may not bring the counter, whoever used it so far; absent for
   * callers that may use all of it.
   */
  readonly share?: number;
}

/**
 * Counts requests before they are sent, for all processes together. Every method throws `StoreError` when the
 * ledger can't be read or written; the caller then sends nothing.
 */
export interface QuotaLedger {
  /**
   * Takes up to `count` units in one atomic statement. A process that dies keeps what it took: never given back.
   * Throws `RangeError` for a count or a share that is none.
   */
  reserve(source: SourceName, count: number, now: number, options?: ReserveOptions): Promise<QuotaGrant>;
  /** Gives back units of the grant that were certainly not sent, unless its counting has ended. */
  release(grant: QuotaGrant, unsent: number): Promise<void>;
  /** Closes the source until the window of the (learned or present) policy ends, or until `retryAt`, whichever is later. */
  close(source: SourceName, options: QuotaClosing): Promise<QuotaStatus>;
  read(source: SourceName, now: number): Promise<QuotaStatus>;
}

/** Why and how long to close a source. */
export interface QuotaClosing {
  readonly now: number;
  /** What the provider's 429 said its real quota is. */
  readonly learned: QuotaPolicy | null;
  /** From `Retry-After`, when given. */
  readonly retryAt: number | null;
  readonly reason: string;
}

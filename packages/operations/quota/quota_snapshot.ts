import {
  formatInstant,
  type QuotaOrigin,
  type QuotaPeriod,
  type QuotaStatus,
  type SourceName,
} from "@ipcascade/core";

/** The state of a quota as reports carry it. Instants are RFC 3339 UTC. */
export interface QuotaSnapshot {
  readonly source: SourceName;
  /** Requests in a period. */
  readonly limit: number;
  /** A calendar period in UTC; weeks start on Monday. */
  readonly period: QuotaPeriod;
  /** Whose word the limit is: the setting's, a 429 of the provider, or an operator's. */
  readonly origin: QuotaOrigin;
  /** When the provider or the operator first said so; null for the setting's word. */
  readonly since: string | null;
  /** Requests that were reserved or sent in this window. */
  readonly used: number;
  /** 0 while a 429 keeps the source closed. */
  readonly remaining: number;
  readonly window_starts_at: string;
  /** When the window ends, and the counter starts at 0. */
  readonly resets_at: string;
  /** Set while a 429 keeps the source closed. */
  readonly closed_until: string | null;
}

/** A quota's state for a report. */
export function describeQuota(status: QuotaStatus): QuotaSnapshot {
  const { source, policy, origin, since, used, remaining, window, closedUntil } = status;
  return {
    source,
    limit: policy.limit,
    period: policy.period,
    origin,
    since: formatInstant(since),
    used,
    remaining,
    window_starts_at: formatInstant(window.startsAt),
    resets_at: formatInstant(window.endsAt),
    closed_until: formatInstant(closedUntil),
  };
}

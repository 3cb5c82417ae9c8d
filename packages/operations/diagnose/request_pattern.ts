import { formatInstant, type Grade, MS_PER_DAY, type SourceName } from "@ipcascade/core";
import { countNoun } from "./count_noun.ts";

/** What was sent within one hour. */
export interface PatternHour {
  /** Milliseconds since 1970 UTC, a full hour. */
  readonly hourAt: number;
  /** Requests: whole sessions for whois. */
  readonly requests: number;
  /** Addresses that they were about. */
  readonly addresses: number;
}

/** What one job or command sent on one day. */
export interface PatternShare {
  /** Milliseconds since 1970 UTC, a midnight. */
  readonly dayAt: number;
  /** Job or command, such as `refresh-stale`. */
  readonly purpose: string;
  readonly requests: number;
}

/** What a record tells about an hour of one source and one way of asking it. */
export interface RecordedHour extends PatternHour {
  /** `whois` for bulk sessions, `dns` for questions: only sessions are what Team Cymru minds. */
  readonly channel: string;
}

/** What a record tells about an hour and whoever sent it. */
export interface RecordedUse {
  readonly hourAt: number;
  readonly source: SourceName;
  readonly purpose: string;
  /** `unsent` for what never left, which no provider counts. */
  readonly outcome: string;
  readonly requests: number;
}

/** Our own requests as they were recorded, from `since` (milliseconds since 1970 UTC) on. Methods throw `StoreError`. */
export interface RequestPattern {
  perHour(source: SourceName, since: number): Promise<readonly RecordedHour[]>;
  list(since: number): Promise<readonly RecordedUse[]>;
}

/** The hours of Team Cymru's bulk sessions, in order. */
export async function listWhoisHours(
  pattern: RequestPattern,
  since: number,
): Promise<readonly PatternHour[]> {
  const hours = await pattern.perHour("cymru", since);
  return hours.filter(({ channel }) => channel === "whois");
}

/** Who sent how much to GreyNoise, by day and purpose, the most first. */
export async function listShares(pattern: RequestPattern, since: number): Promise<readonly PatternShare[]> {
  const shares = new Map<string, PatternShare>();
  for (const { hourAt, source, purpose, outcome, requests } of await pattern.list(since)) {
    if (source !== "greynoise" || outcome === "unsent") continue;
    const dayAt = Math.floor(hourAt / MS_PER_DAY) * MS_PER_DAY;
    const key = `${dayAt} ${purpose}`;
    shares.set(key, { dayAt, purpose, requests: requests + (shares.get(key)?.requests ?? 0) });
  }
  return [...shares.values()].sort((a, b) => b.requests - a.requests || a.dayAt - b.dayAt);
}

/** How far back our own requests are looked at. */
export const PATTERN_MS = 7 * MS_PER_DAY;

/**
 * More whois sessions in an hour than this, with fewer addresses each than `minAddresses`, look like a connection
 * per address, which Team Cymru null-routes. It names no numbers; a run of ours opens a session for up to 10 000
 * addresses, so that dozens of small ones in an hour mean that something asks piecemeal.
 */
export const ABUSE_LIMITS = { maxSessions: 60, minAddresses: 10 } as const;

/** What a pattern comes to. */
export interface PatternSummary {
  readonly sessions: number;
  readonly addresses: number;
  /** The hour with the most sessions; null where there were none. */
  readonly busiest: PatternHour | null;
  /** Hours beyond `ABUSE_LIMITS`. */
  readonly abusive: readonly PatternHour[];
}

/** Sums up hours of whois sessions. */
export function summarizePattern(hours: readonly PatternHour[]): PatternSummary {
  const sum = (read: (hour: PatternHour) => number) => hours.reduce((total, hour) => total + read(hour), 0);
  const busiest = hours.reduce<PatternHour | null>(
    (most, hour) => most === null || hour.requests > most.requests ? hour : most,
    null,
  );
  return {
    sessions: sum(({ requests }) => requests),
    addresses: sum(({ addresses }) => addresses),
    busiest,
    abusive: hours.filter(isAbusive),
  };
}

function isAbusive({ requests, addresses }: PatternHour): boolean {
  return requests > ABUSE_LIMITS.maxSessions && addresses < requests * ABUSE_LIMITS.minAddresses;
}

/** Grades a pattern and says it in one sentence. */
export function describePattern(
  { sessions, addresses, busiest, abusive }: PatternSummary,
): { readonly grade: Grade; readonly message: string } {
  if (busiest === null) return { grade: "ok", message: "no whois session in the last 7 days" };
  const message = `${countNoun(sessions, "whois session")} about ${
    countNoun(addresses, "address", "addresses")
  } in the last 7 days, at most ${describeHour(busiest)}`;
  if (abusive.length === 0) return { grade: "ok", message };
  const limits = `more than ${ABUSE_LIMITS.maxSessions} with fewer than ${ABUSE_LIMITS.minAddresses} each`;
  return { grade: "warning", message: `${message}; ${countNoun(abusive.length, "hour")} had ${limits}` };
}

/** `12 sessions of 830 addresses each in the hour from 2026-11-23T12:00:00.000Z`. */
export function describeHour({ hourAt, requests, addresses }: PatternHour): string {
  const each = Math.round(addresses / Math.max(1, requests) * 10) / 10;
  const part = each === 1 ? "1 address" : `${each} addresses`;
  return `${countNoun(requests, "session")} of ${part} each in the hour from ${formatInstant(hourAt)}`;
}

import { backoffMs, type BackoffOptions } from "./backoff.ts";
import { formatInstant, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, type Random } from "./clock.ts";
import type { EditionAttempt, EditionState } from "./edition_state.ts";

// MaxMind allows 30 downloads a day, and an attempt makes up to three: a restart loop must not use them up.

/** Pauses after failed attempts: 15 minutes, doubling to a day. */
export const UPDATE_BACKOFF: BackoffOptions = { baseMs: 15 * MS_PER_MINUTE, maxMs: MS_PER_DAY };

/** Pauses after killed attempts, once there were more than a few in a row: 15 minutes, doubling to four hours. */
const INTERRUPTION_BACKOFF: BackoffOptions = { baseMs: 15 * MS_PER_MINUTE, maxMs: 4 * MS_PER_HOUR };
const FREE_INTERRUPTIONS = 3;

/** So often within so long the provider may say that there is nothing new: a restart loop then asks once in 100 s. */
const CHECKS = { count: 6, windowMs: 10 * MS_PER_MINUTE } as const;

/** What holds back longer than this was written by a clock that has been set back since. */
const LONGEST_HOLD_MS = 8 * MS_PER_DAY;

/** Why an attempt is not due. */
export interface UpdateHold {
  /** A 429 closed the provider, attempts failed or were killed lately, or it was asked often enough. */
  readonly reason: "closed" | "backing_off" | "interrupted" | "asked_lately";
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
}

/** What bears on the decision besides the state. */
export interface HoldOptions {
  readonly now: number;
  /** Stands for provider and account. */
  readonly settings: string;
}

/** What holds the next attempt back; null when it may begin. */
export function findHold(state: EditionState, { now, settings }: HoldOptions): UpdateHold | null {
  const isSame = state.settings === settings;
  const candidates: readonly (UpdateHold | null)[] = [
    isSame && state.closed_until !== null
      ? { reason: "closed", until: Date.parse(state.closed_until) }
      : null,
    isSame && state.retry_at !== null ? { reason: "backing_off", until: Date.parse(state.retry_at) } : null,
    holdAfterInterruptions(state),
    holdAfterChecks(state, now),
  ];
  const holds = candidates.filter((hold) => hold !== null)
    .filter(({ until }) => until > now && until - now <= LONGEST_HOLD_MS);
  return holds.sort((a, b) => b.until - a.until)[0] ?? null;
}

function holdAfterInterruptions(state: EditionState): UpdateHold | null {
  const { attempt } = state;
  if (attempt === null || attempt.ended_at !== null) return null;
  const beyond = state.interruptions + 1 - FREE_INTERRUPTIONS;
  if (beyond <= 0) return null;
  const pause = backoffMs(beyond, INTERRUPTION_BACKOFF, () => 1);
  return { reason: "interrupted", until: Date.parse(attempt.started_at) + pause };
}

function holdAfterChecks(state: EditionState, now: number): UpdateHold | null {
  const lately = state.checks.map((at) => Date.parse(at))
    .filter((at) => at <= now && now - at < CHECKS.windowMs);
  if (lately.length < CHECKS.count) return null;
  return { reason: "asked_lately", until: lately.at(-CHECKS.count)! + CHECKS.windowMs };
}

/** The state while an attempt runs. One that never ended was killed. */
export function beginAttempt(state: EditionState, { now, settings }: HoldOptions): EditionState {
  const wasKilled = state.attempt !== null && state.attempt.ended_at === null;
  const isSame = state.settings === settings;
  return {
    ...state,
    attempt: { started_at: formatInstant(now), ended_at: null, outcome: null, error: null },
    interruptions: wasKilled ? state.interruptions + 1 : 0,
    failures: isSame ? state.failures : 0,
    retry_at: isSame ? state.retry_at : null,
    closed_until: isSame ? state.closed_until : null,
    settings,
  };
}

/** The state once the provider has said what it offers. */
export function noteCheck(
  state: EditionState,
  { now, hasNews }: { readonly now: number; readonly hasNews: boolean },
): EditionState {
  const checked_at = formatInstant(now);
  return { ...state, checked_at, checks: hasNews ? [] : [...state.checks, checked_at].slice(-CHECKS.count) };
}

/** The state after an attempt that ended well. */
export function endAttempt(
  state: EditionState,
  options: { readonly now: number; readonly outcome: "installed" | "current" },
): EditionState {
  return {
    ...state,
    attempt: closeAttempt(state, { ...options, error: null }),
    failures: 0,
    interruptions: 0,
    retry_at: null,
    closed_until: null,
  };
}

/** How an attempt failed. */
export interface AttemptFailure {
  readonly now: number;
  readonly error: { readonly code: string; readonly message: string };
  /** True for a 429. */
  readonly isClosing: boolean;
  /** From `Retry-After`, in milliseconds since 1970 UTC. */
  readonly retryAt: number | null;
  readonly random: Random;
}

/** The state after an attempt that failed: the next one is held back, after a 429 until its day of UTC ends. */
export function failAttempt(state: EditionState, options: AttemptFailure): EditionState {
  const { now, error, isClosing, retryAt, random } = options;
  const failures = state.failures + 1;
  return {
    ...state,
    attempt: closeAttempt(state, { now, outcome: "failed", error }),
    failures,
    interruptions: 0,
    retry_at: formatInstant(Math.round(now + backoffMs(failures, UPDATE_BACKOFF, random))),
    closed_until: isClosing ? formatInstant(closingEnd(now, retryAt)) : state.closed_until,
  };
}

/** MaxMind counts downloads by the day; a `Retry-After` may be longer, up to what is believed. */
function closingEnd(now: number, retryAt: number | null): number {
  const midnight = (Math.floor(now / MS_PER_DAY) + 1) * MS_PER_DAY;
  return Math.min(Math.max(midnight, retryAt ?? 0), now + LONGEST_HOLD_MS);
}

function closeAttempt(
  state: EditionState,
  end: { readonly now: number } & Pick<EditionAttempt, "outcome" | "error">,
): EditionAttempt {
  const ended_at = formatInstant(end.now);
  return {
    started_at: state.attempt?.started_at ?? ended_at,
    ended_at,
    outcome: end.outcome,
    error: end.error,
  };
}

/** Downloads begun in the day of UTC that `now` lies in. */
export function downloadsToday(state: EditionState, now: number): number {
  return state.downloads.day === dayOf(now) ? state.downloads.count : 0;
}

/** The state once one more download has begun. */
export function noteDownload(state: EditionState, now: number): EditionState {
  return { ...state, downloads: { day: dayOf(now), count: downloadsToday(state, now) + 1 } };
}

function dayOf(now: number): string {
  return formatInstant(now).slice(0, 10);
}

/** The state after an attempt that its operator stopped: nothing is held back for it. */
export function abandonAttempt(state: EditionState, now: number): EditionState {
  const error = { code: "ABORTED", message: "Stopped before it was done" };
  return { ...state, attempt: closeAttempt(state, { now, outcome: "failed", error }), interruptions: 0 };
}

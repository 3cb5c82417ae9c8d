import { backoffMs, ROW_BACKOFF } from "./backoff.ts";
import { formatInstant, type Random } from "./clock.ts";
import type { GreynoiseAnswer, SourceProvenance } from "./enrichment.ts";
import type { SourceAttempt } from "./inventory.ts";
import type { LookupOutcome, SkipReason } from "./outcome.ts";

/** What booking an outcome needs besides it. */
export interface AnswerOptions {
  readonly now: number;
  /** `now` as `formatInstant` writes it, from who merges many rows at one instant. */
  readonly nowText?: string;
  readonly random: Random;
}

/** ISO 3166 alpha-2 or null: `XX` and `ZZ` stand for "unknown" and would count as coverage. */
export function countryCode(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text.length !== 2) return null;
  if (!isCapital(text.charCodeAt(0)) || !isCapital(text.charCodeAt(1))) return null;
  return text === "XX" || text === "ZZ" ? null : text;
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** A source's object in `enrichment` after an outcome: an answer replaces the older one, all else leaves it. */
export function answerOf<Data>(
  outcome: LookupOutcome<Data> | undefined,
  old: Data | undefined,
  onMiss: Data | undefined,
): Data | undefined {
  if (outcome === undefined) return old;
  switch (outcome.status) {
    case "hit":
      return outcome.data;
    case "miss":
      return onMiss;
    case "skipped":
    case "failed":
      return old;
  }
}

/** GreyNoise's 404 is an answer: not seen scanning, not a known service. */
export function neverSeen(checkedAt: string): GreynoiseAnswer {
  return {
    noise: false,
    riot: false,
    classification: null,
    name: null,
    last_seen: null,
    checked_at: checkedAt,
  };
}

/** What `_meta` keeps of an outcome; null when the source was left alone. */
export function provenanceOf(
  outcome: LookupOutcome<{ readonly checked_at: string }> | undefined,
  { now, nowText = formatInstant(now) }: Pick<AnswerOptions, "now" | "nowText">,
): SourceProvenance | null {
  if (outcome === undefined) return null;
  const { status } = outcome;
  if (status === "skipped") {
    const skip = skippedProvenance(outcome.reason, nowText);
    return outcome.until === null ? skip : { ...skip, until: formatInstant(outcome.until) };
  }
  const duration = Math.round(outcome.durationMs * 1000) / 1000;
  if (status === "failed") {
    return { outcome: status, reason: outcome.failure.reason, checked_at: nowText, duration_ms: duration };
  }
  const checkedAt = status === "hit" ? outcome.data.checked_at : nowText;
  return { outcome: status, checked_at: checkedAt, duration_ms: duration };
}

/** What was made last for each reason: all rows of a batch have the same, and share it. */
const lastSkips = new Map<SkipReason, SourceProvenance>();

function skippedProvenance(reason: SkipReason, nowText: string): SourceProvenance {
  const last = lastSkips.get(reason);
  if (last !== undefined && last.checked_at === nowText) return last;
  const skip: SourceProvenance = Object.freeze({
    outcome: "skipped",
    reason,
    checked_at: nowText,
    duration_ms: 0,
  });
  lastSkips.set(reason, skip);
  return skip;
}

/** How the attempt at a source stands after an outcome. */
export function nextAttempt(
  old: SourceAttempt,
  outcome: LookupOutcome<{ readonly checked_at: string }> | undefined,
  options: AnswerOptions,
): SourceAttempt {
  if (outcome === undefined) return old;
  switch (outcome.status) {
    case "hit":
    case "miss":
      return answeredAttempt(outcome.status, answeredAt(outcome, options.now));
    case "skipped":
      return skippedAttempt(old, outcome.until);
    case "failed": {
      const failures = old.failures + 1;
      const retryAt = Math.round(options.now + backoffMs(failures, ROW_BACKOFF, options.random));
      return { outcome: "failed", attemptedAt: options.now, retryAt, failures };
    }
  }
}

/** What was made last: rows of a batch that were answered at one instant share it. */
let lastAnswered: SourceAttempt = Object.freeze({
  outcome: null,
  attemptedAt: null,
  retryAt: null,
  failures: 0,
});

function answeredAttempt(outcome: "hit" | "miss", attemptedAt: number | null): SourceAttempt {
  if (lastAnswered.attemptedAt !== attemptedAt || lastAnswered.outcome !== outcome) {
    lastAnswered = Object.freeze({ outcome, attemptedAt, retryAt: null, failures: 0 });
  }
  return lastAnswered;
}

/** What most rows have of a source that was left out; one object for all of them. */
const ONLY_SKIPPED: SourceAttempt = Object.freeze({
  outcome: "skipped",
  attemptedAt: null,
  retryAt: null,
  failures: 0,
});

/** A skip is no attempt: what the source said or how it failed before stays, with its stamp. */
function skippedAttempt(old: SourceAttempt, until: number | null): SourceAttempt {
  if (old.outcome !== null && old.outcome !== "skipped") return old;
  if (until === null && old.attemptedAt === null && old.failures === 0) return ONLY_SKIPPED;
  return { ...old, outcome: "skipped", retryAt: until };
}

/** When a source answered: the instant that its answer names, else now; null when it did not answer. */
export function answeredAt(
  outcome: LookupOutcome<{ readonly checked_at: string }> | undefined,
  now: number,
): number | null {
  if (outcome?.status === "hit") return parseInstant(outcome.data.checked_at);
  return outcome?.status === "miss" ? now : null;
}

let lastText = "";
let lastInstant = NaN;

/** Remembers the last one: answers of a batch were read at one instant. */
function parseInstant(text: string): number {
  if (text !== lastText) {
    lastInstant = Date.parse(text);
    lastText = text;
  }
  return lastInstant;
}

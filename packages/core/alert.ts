import { MS_PER_DAY, MS_PER_MINUTE } from "./clock.ts";
import type { Grade } from "./grade.ts";

/** What is told to people: `info` needs nobody. */
export type AlertGrade = Exclude<Grade, "info">;

/** Something that was looked at and graded. Instants are milliseconds since 1970 UTC. */
export interface AlertObservation {
  /** Short and stable, such as `quota` or `health.database`: whoever looks at it next uses the same one. */
  readonly key: string;
  readonly grade: Grade;
  /** The state in a few words, to be read on a phone: `812 of 10000 left`. */
  readonly title: string;
  /** The state in a sentence. Never holds a secret. */
  readonly message: string;
  /** The command that mends it, or tells more; null where there is none. */
  readonly fix: string | null;
  /** When it was looked at. */
  readonly at: number;
}

/** What is remembered of one key for one notifier: what was seen, and what of it that notifier has told. */
export interface AlertState {
  /** What was seen last. */
  readonly grade: AlertGrade;
  /** Since when it is seen. */
  readonly since: number;
  readonly seenAt: number;
  /** What was told last; `ok` before anything was. */
  readonly toldGrade: AlertGrade;
  /** Null before anything was told. */
  readonly toldAt: number | null;
}

/** What there is to tell: another grade, a reminder of the same one, or that all is well again. */
export type AlertKind = "fire" | "remind" | "recover";

/** Reminders are a day apart; a daily check that comes a little earlier than the day before reminds too. */
export const REMIND_AFTER_MS = MS_PER_DAY - 30 * MS_PER_MINUTE;

/** An observation older than what is known by more than this comes from a clock that was wrong, now or then. */
const MAX_CLOCK_SKEW_MS = 10 * MS_PER_MINUTE;

/** The grade of an observation as alerts see it. */
export function alertGrade(grade: Grade): AlertGrade {
  return grade === "info" ? "ok" : grade;
}

/** Tells whether something newer was seen already, as by another process that looked at the same time. */
export function isOutdated(state: AlertState | null, { at }: Pick<AlertObservation, "at">): boolean {
  return state !== null && at < state.seenAt && state.seenAt - at <= MAX_CLOCK_SKEW_MS;
}

/** The state after an observation that is not outdated. What was told stays. */
export function recordObservation(state: AlertState | null, observation: AlertObservation): AlertState {
  const grade = alertGrade(observation.grade);
  const { at } = observation;
  if (state === null) return { grade, since: at, seenAt: at, toldGrade: "ok", toldAt: null };
  return { ...state, grade, since: state.grade === grade ? Math.min(state.since, at) : at, seenAt: at };
}

/**
 * What there is to tell of the state seen last; null when nothing. One change is told once, also between grades that
 * are both bad; what was never told is no reason to tell of recovery. `isUncertain` where somebody who began to tell
 * was gone before its end: nobody knows what people heard, so they are told how things are.
 */
export function planAlert(
  { grade, toldGrade, toldAt }: AlertState,
  now: number,
  isUncertain = false,
): AlertKind | null {
  if (isUncertain || grade !== toldGrade) return grade === "ok" ? "recover" : "fire";
  if (grade === "ok" || toldAt === null) return null;
  // A time of telling in the future is that of a clock that was set back since.
  return Math.abs(now - toldAt) >= REMIND_AFTER_MS ? "remind" : null;
}

/** The state once a grade was told. */
export function recordTelling(state: AlertState, grade: AlertGrade, now: number): AlertState {
  return { ...state, toldGrade: grade, toldAt: now };
}

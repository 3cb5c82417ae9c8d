import type { Grade } from "@ipcascade/core";

/** What can be diagnosed (runbook: Incident Response, Performance Tuning). */
export const DIAGNOSIS_TOPICS = ["maxmind", "cymru", "greynoise", "latency", "memory"] as const;

/** What is diagnosed. */
export type DiagnosisTopic = (typeof DIAGNOSIS_TOPICS)[number];

/** One thing that was looked at, and what it says. */
export interface DiagnosisFinding {
  /** Short and stable, such as `dns` or `bulk_session`. */
  readonly check: string;
  readonly grade: Grade;
  /** One sentence. */
  readonly message: string;
  /** What was measured; null where nothing could be. */
  readonly observed: string | number | null;
  /** Of `observed`, such as `ms`; null where it has none. */
  readonly unit: string | null;
}

/** What was done, or can be done with `--fix`, that is safe. */
export interface DiagnosisFix {
  /** One sentence, for people. */
  readonly description: string;
  /** Another command that does the same; null where there is none. */
  readonly command: string | null;
  readonly applied: boolean;
  /** How applying it went; null where it was not applied. */
  readonly result: string | null;
  /** What a second look said after it was applied; null where it was not. */
  readonly grade_after: Grade | null;
}

/** What a diagnosis comes to, before it is a report. */
export interface Verdict {
  /** Of the most likely cause; `ok` where nothing is wrong. */
  readonly grade: Grade;
  /** The most likely cause, short and stable, such as `null_routed`; `none` where nothing is wrong. */
  readonly cause: string;
  /** The cause and its evidence in one or two sentences. */
  readonly summary: string;
  /** What to do, in order: sentences and commands. */
  readonly steps: readonly string[];
  /** Null where nothing can be mended by itself. */
  readonly fix: DiagnosisFix | null;
  /** A mail to the provider, filled in; null where none is needed. */
  readonly letter: string | null;
}

/** The report of `diagnose` on one topic. Instants are RFC 3339 UTC. */
export interface Diagnosis extends Verdict {
  readonly operation: "diagnose";
  readonly topic: DiagnosisTopic;
  readonly findings: readonly DiagnosisFinding[];
  readonly checked_at: string;
  readonly duration_ms: number;
}

/** The report of `diagnose` on every topic. Instants are RFC 3339 UTC. */
export interface DiagnosisOverview {
  readonly operation: "diagnose-all";
  /** The worst of all topics. */
  readonly grade: Grade;
  readonly diagnoses: readonly Diagnosis[];
  readonly checked_at: string;
  readonly duration_ms: number;
}

/** How far a look may go. */
export interface DiagnosisOptions {
  /** For the whole look, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the look before. */
  readonly signal: AbortSignal;
}

/** How one topic is looked at and mended. */
export interface DiagnosisTool {
  diagnose(options: DiagnosisOptions): Promise<Diagnosis>;
  /**
   * Does what `fix` of a diagnosis describes. It has bounds of its own: a download takes longer than a look. Throws
   * what the operation behind it throws.
   */
  mend?(diagnosis: Diagnosis, options: { readonly signal: AbortSignal }): Promise<Mending>;
}

/** How mending went. */
export interface Mending {
  /** False when nothing was changed for the better. */
  readonly applied: boolean;
  /** One sentence, for people. */
  readonly result: string;
}

/** A fix that is offered. */
export function offerFix(description: string, command: string | null): DiagnosisFix {
  return { description, command, applied: false, result: null, grade_after: null };
}

/** Why nothing was fixed although it was ordered. */
export function explainNoFix({ grade, summary }: Pick<Verdict, "grade" | "summary">): DiagnosisFix {
  return { ...offerFix("Nothing was fixed", null), result: whyNot(grade, summary) };
}

function whyNot(grade: Grade, summary: string): string {
  if (grade === "ok" || grade === "info") return "nothing is wrong, so there is nothing to fix";
  return grade === "unknown"
    ? `what is wrong could not be found out (${summary})`
    : "nothing of this can be fixed by itself: see the steps";
}

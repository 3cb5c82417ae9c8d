import { type Clock, formatInstant, type Grade, GRADES } from "@ipcascade/core";
import type { Diagnosis, DiagnosisFinding, DiagnosisTopic } from "./diagnosis.ts";

/** What may be wrong, with its evidence in one or two sentences and what to do. */
export interface DiagnosisCause {
  /** Short and stable. */
  readonly cause: string;
  readonly grade: Grade;
  readonly summary: string;
  readonly steps: readonly string[];
}

/** What looking at one part brought; the likelier causes come first. */
export interface DiagnosedPart {
  readonly findings: readonly DiagnosisFinding[];
  readonly causes: readonly DiagnosisCause[];
}

/** When a diagnosis began. */
export interface DiagnosisStart {
  readonly clock: Clock;
  readonly startedMs: number;
  /** What to say where nothing is wrong. */
  readonly calm: string;
}

/** Puts parts together: the worst cause is the likeliest, of equals the first. Nothing is mended by itself. */
export function concludeDiagnosis(
  topic: DiagnosisTopic,
  parts: readonly DiagnosedPart[],
  { clock, startedMs, calm }: DiagnosisStart,
): Diagnosis {
  const causes = parts.flatMap((part) => part.causes);
  const worst = causes.reduce<DiagnosisCause | null>(
    (found, one) => found === null || rank(one.grade) > rank(found.grade) ? one : found,
    null,
  );
  return {
    operation: "diagnose",
    topic,
    grade: worst?.grade ?? "ok",
    cause: worst?.cause ?? "none",
    summary: worst?.summary ?? calm,
    findings: parts.flatMap((part) => part.findings),
    steps: worst?.steps ?? [],
    fix: null,
    letter: null,
    checked_at: formatInstant(clock.now()),
    duration_ms: Math.round(clock.elapsed() - startedMs),
  };
}

function rank(grade: Grade): number {
  return GRADES.indexOf(grade);
}

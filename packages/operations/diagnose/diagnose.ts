import { type Clock, formatInstant, worstGrade } from "@ipcascade/core";
import { reportError } from "../reported_error.ts";
import {
  type Diagnosis,
  type DiagnosisFinding,
  type DiagnosisFix,
  type DiagnosisOptions,
  type DiagnosisOverview,
  type DiagnosisTool,
  type DiagnosisTopic,
  explainNoFix,
  type Mending,
  type Verdict,
} from "./diagnosis.ts";
import { listErrorSteps } from "./error_steps.ts";
import { settleWithin } from "./settle_within.ts";

/** The topics that can be looked at, each with its tool. */
export type DiagnosisTools = Readonly<Partial<Record<DiagnosisTopic, DiagnosisTool>>>;

/** What a report of one topic is made of. */
export interface DiagnosisParts {
  readonly topic: DiagnosisTopic;
  readonly verdict: Verdict;
  readonly findings: readonly DiagnosisFinding[];
  /** Of `elapsed()`. */
  readonly startedAt: number;
  readonly clock: Clock;
}

/** Makes the report. */
export function reportDiagnosis({ topic, verdict, findings, startedAt, clock }: DiagnosisParts): Diagnosis {
  return {
    operation: "diagnose",
    topic,
    ...verdict,
    findings,
    checked_at: formatInstant(clock.now()),
    duration_ms: Math.round(clock.elapsed() - startedAt),
  };
}

/** Part of the time that a tool gets; the rest is for ending what does not end by itself. */
const TOOL_SHARE = 0.9;

/** Looks at one topic. Always ends in time and never rejects: what hangs or throws is `unknown`. */
export async function diagnoseTopic(
  topic: DiagnosisTopic,
  tool: DiagnosisTool,
  { timeoutMs, signal, clock }: DiagnosisOptions & { readonly clock: Clock },
): Promise<Diagnosis> {
  const startedAt = clock.elapsed();
  const settled = await settleWithin(
    (stop) => tool.diagnose({ timeoutMs: Math.round(timeoutMs * TOOL_SHARE), signal: stop }),
    { ms: timeoutMs, clock, signal },
  );
  if (settled.ok) return settled.value;
  const steps = listErrorSteps(settled.error);
  const verdict = doubt(`Cannot diagnose ${topic}: ${settled.error.message}`, steps);
  return reportDiagnosis({ topic, verdict, findings: [], startedAt, clock });
}

/** The verdict when nothing can be said. */
export function doubt(summary: string, steps: readonly string[] = []): Verdict {
  return {
    grade: "unknown",
    cause: "unknown",
    summary,
    steps,
    fix: null,
    letter: null,
  };
}

/** Looks at every topic at once, within the time of one. */
export async function diagnoseAll(
  tools: DiagnosisTools,
  options: DiagnosisOptions & { readonly clock: Clock },
): Promise<DiagnosisOverview> {
  const { clock } = options;
  const startedAt = clock.elapsed();
  const entries = Object.entries(tools) as [DiagnosisTopic, DiagnosisTool][];
  const diagnoses = await Promise.all(
    entries.map(([topic, tool]) => diagnoseTopic(topic, tool, options)),
  );
  return {
    operation: "diagnose-all",
    grade: worstGrade(diagnoses.map(({ grade }) => grade)),
    diagnoses,
    checked_at: formatInstant(clock.now()),
    duration_ms: Math.round(clock.elapsed() - startedAt),
  };
}

/** Does what a diagnosis offers, and looks again. Where it offers nothing its fix says why. */
export async function mendDiagnosis(
  diagnosis: Diagnosis,
  tool: DiagnosisTool,
  options: DiagnosisOptions & { readonly clock: Clock },
): Promise<Diagnosis> {
  const { fix } = diagnosis;
  if (fix === null || tool.mend === undefined) return { ...diagnosis, fix: explainNoFix(diagnosis) };
  const { result, applied } = await applyFix(diagnosis, tool, options.signal);
  const after = await diagnoseTopic(diagnosis.topic, tool, options);
  const mended: DiagnosisFix = {
    ...fix,
    applied,
    result: `${result}; afterwards: ${after.grade}, ${after.summary}`,
    grade_after: after.grade,
  };
  return { ...diagnosis, fix: mended };
}

async function applyFix(
  diagnosis: Diagnosis,
  tool: DiagnosisTool,
  signal: AbortSignal,
): Promise<Mending> {
  try {
    return await tool.mend!(diagnosis, { signal });
  } catch (error) {
    return { result: `it failed: ${reportError(error).message}`, applied: false };
  }
}

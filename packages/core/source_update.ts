import type { CymruAnswer, GreynoiseAnswer, MaxmindAnswer, SourceProvenance } from "./enrichment.ts";
import type { SourceAttempt } from "./inventory.ts";
import type { LookupOutcome } from "./outcome.ts";
import { answeredAt, answerOf, type AnswerOptions, nextAttempt, provenanceOf } from "./source_answer.ts";

/** What a source may say, as its object in `enrichment`. */
export type SourceAnswer = MaxmindAnswer | CymruAnswer | GreynoiseAnswer;

/** What changes in a row when one source alone was asked: everything else of the row stays as it is. */
export interface SourceUpdate {
  /** Canonical text. */
  readonly ipAddress: string;
  /** When the source answered, in milliseconds since 1970 UTC; null when it did not: its older answer stays. */
  readonly answeredAt: number | null;
  /** The source's object in `enrichment` after an answer; null after a miss that leaves none. */
  readonly answer: SourceAnswer | null;
  readonly attempt: SourceAttempt;
  readonly provenance: SourceProvenance;
}

/** What an outcome changes in the row of an address that the source failed for `failures` times in a row before. */
export function updateFrom(
  ipAddress: string,
  failures: number,
  outcome: LookupOutcome<SourceAnswer>,
  options: AnswerOptions & { readonly onMiss: SourceAnswer | null },
): SourceUpdate {
  const before: SourceAttempt = { outcome: null, attemptedAt: null, retryAt: null, failures };
  return {
    ipAddress,
    answeredAt: answeredAt(outcome, options.now),
    answer: answerOf<SourceAnswer>(outcome, undefined, options.onMiss ?? undefined) ?? null,
    attempt: nextAttempt(before, outcome, options),
    provenance: provenanceOf(outcome, options)!,
  };
}

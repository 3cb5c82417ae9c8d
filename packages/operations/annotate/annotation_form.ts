import type { OriginFacts, PlaceFacts, Scope } from "@ipcascade/core";

/** A text for plain lines, and one for lines that are JSON objects. */
export interface AnnotationTexts {
  readonly plain: string;
  readonly json: string;
}

/** How the facts about an address are written behind a line: place, then origin; or the scope alone. */
export interface AnnotationForm {
  /** Facts of an address without record are all null. */
  place(facts: PlaceFacts): AnnotationTexts;
  origin(facts: OriginFacts): AnnotationTexts;
  /** What is written about an address that is not global. */
  local(scope: Scope): AnnotationTexts;
}

import type { OriginFacts, PlaceFacts, Scope } from "@ipcascade/core";

/** How the facts about an address are written: place, then origin; or the scope alone. */
export interface TextForm {
  /** Facts of an address without record are all null. */
  place(facts: PlaceFacts): string;
  origin(facts: OriginFacts): string;
  /** What is written about an address that is not global. */
  local(scope: Scope): string;
}

/** How they are written behind plain lines, and in lines that are JSON objects. */
export interface AnnotationForm {
  readonly plain: TextForm;
  readonly json: TextForm;
}

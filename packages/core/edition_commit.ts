import type { EditionSet } from "./edition.ts";
import { readEditionSet } from "./edition_document.ts";
import { quoteInput } from "./input_error.ts";

/** What was staged of a set. */
export interface StagedEditions {
  readonly id: string;
  /** Bytes of each file; null while it is not closed. */
  readonly sizes: ReadonlyMap<string, number | null>;
}

/** Says why a manifest can't complete what was staged; null when it can. */
export function explainCommitRefusal(set: EditionSet, staged: StagedEditions): string | null {
  const refusal = `Cannot complete the set ${quoteInput(staged.id)}`;
  if (readEditionSet(set) === null) return `${refusal}: its manifest breaks a rule`;
  if (set.id !== staged.id) return `${refusal}: its manifest is that of ${quoteInput(set.id)}`;
  for (const { file, size_bytes } of set.editions) {
    const size = staged.sizes.get(file) ?? null;
    if (size === null) return `${refusal}: ${quoteInput(file)} is not written to its end`;
    if (size !== size_bytes) {
      return `${refusal}: ${quoteInput(file)} has ${size} bytes, expected ${size_bytes}`;
    }
  }
  return null;
}

import { type Clock, type EditionOrigin, type EditionSet, formatInstant } from "@ipcascade/core";
import type { StagedEdition } from "./stage_edition.ts";

/** What a set is made of. */
export interface NewSet {
  readonly id: string;
  readonly provider: EditionOrigin;
  /** City before ASN. */
  readonly staged: readonly StagedEdition[];
  /** When putting it together began, of `Clock.elapsed`. */
  readonly startedMs: number;
}

/** The manifest of a set whose editions are staged and verified. */
export function describeNewSet({ id, provider, staged, startedMs }: NewSet, clock: Clock): EditionSet {
  const now = formatInstant(clock.now());
  return {
    format: 1,
    id,
    provider,
    created_at: now,
    editions: staged.map(({ manifest }) => manifest),
    verification: {
      verified_at: now,
      duration_ms: Math.round(clock.elapsed() - startedMs),
      warnings: staged.flatMap(({ warnings }) => warnings),
    },
  };
}

import type { OriginFacts, OutputRecord, PlaceFacts, Scope } from "@ipcascade/core";

/** A text in two parts, between which something else stands. */
export type TextPair = readonly [first: string, second: string];

/** What stands around the facts of an address that was found: the batch's stamp and duration are in it. */
export interface HitFrame {
  /** Between the first parts of place and origin and their second parts. */
  readonly middle: string;
  /** After the second parts. */
  readonly end: string;
}

/** What a batch of look-ups has in common. */
export interface BatchFacts {
  /** When the batch was looked up, in milliseconds since 1970 UTC, and as RFC 3339. */
  readonly now: number;
  readonly checkedAt: string;
  /** Mean time of a look-up. */
  readonly durationMs: number;
  readonly databaseBuild: string;
}

/**
 * How a record of an address is put together from texts that many records share: `open`, the input, `between`, the
 * canonical address, and then either one text, or (for an address that was found) the first parts of place and origin,
 * the frame's `middle`, their second parts, and the frame's `end`. Together that is what `write` makes of the record.
 */
export interface RecordForm {
  readonly open: string;
  readonly between: string;
  /** What follows an address that is not global. */
  local(scope: Scope): string;
  /** What follows an address that the editions do not know. */
  miss(batch: BatchFacts): string;
  place(facts: PlaceFacts): TextPair;
  origin(facts: OriginFacts): TextPair;
  hit(batch: BatchFacts): HitFrame;
  /** Whole records, for all that is not put together. */
  write(records: readonly OutputRecord[]): string;
}

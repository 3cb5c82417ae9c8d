import {
  emptyRow,
  type LookupOutcome,
  type MaxmindSource,
  mergeOutcomes,
  type OutputRecord,
  recordFromRow,
  type SourceName,
} from "@ipcascade/core";
import type { Entry } from "./inputs.ts";

/** Counts look-ups. */
export interface LookUpTally {
  inputs: number;
  invalid: number;
  local: number;
  asked: number;
  add(source: SourceName, outcome: LookupOutcome<unknown>): void;
}

/** What the look-ups of a batch have in common. */
export interface LookUpContext {
  readonly now: number;
  /** `now` as RFC 3339. */
  readonly checkedAt: string;
  readonly tally: LookUpTally;
}

/** The record of one entry, from the installed editions alone. */
export function lookUpEntry(entry: Entry, maxmind: MaxmindSource, context: LookUpContext): OutputRecord {
  const { tally, now, checkedAt } = context;
  const { input } = entry;
  tally.inputs++;
  if ("error" in entry) {
    tally.invalid++;
    return { input, error: entry.error };
  }
  const row = emptyRow(entry.address.text, entry.scope);
  if (entry.scope !== "global") {
    tally.local++;
    return recordFromRow(row, { input, fromInventory: true });
  }
  const outcome = maxmind.lookUp(entry.address, checkedAt);
  tally.add("maxmind", outcome);
  tally.asked++;
  const { installed } = maxmind;
  const merged = mergeOutcomes(row, { maxmind: outcome }, { now, installed, random: noJitter });
  return recordFromRow(merged, { input, fromInventory: outcome.status === "skipped" });
}

/** Nothing is stored, so no next attempt needs spreading. */
function noJitter(): number {
  return 0;
}

import {
  type Clock,
  emptyRow,
  type EnrichSummary,
  formatInstant,
  type MaxmindSource,
  mergeOutcomes,
  type OutputRecord,
  recordFromRow,
} from "@ipcascade/core";
import type { EnrichRun } from "./enrich_many.ts";
import { type Entry, gatherBatches, type InputItem, readEntries } from "./inputs.ts";
import { RunTally } from "./tally.ts";

/** What a run of `lookUp` may do; everything has a default. */
export interface LookUpOptions {
  readonly batchSize?: number;
  /** Addresses in the first batch, when answers shall come soon; the batches grow from there. Default `batchSize`. */
  readonly firstBatchSize?: number;
  readonly maxWaitMs?: number;
  readonly maxSpan?: number;
  readonly stop?: AbortSignal;
}

/** Looks a stream of inputs up in the installed editions alone: no network, no inventory, nothing stored. */
export function lookUp(
  inputs: AsyncIterable<readonly InputItem[]>,
  deps: { readonly maxmind: MaxmindSource; readonly clock: Clock },
  options: LookUpOptions = {},
): EnrichRun {
  const tally = new RunTally(deps.clock.elapsed());
  const batches = gatherBatches(inputs, {
    batchSize: options.batchSize ?? 1_000,
    firstBatchSize: options.firstBatchSize,
    maxWaitMs: options.maxWaitMs ?? 100,
    maxSpan: options.maxSpan,
    clock: deps.clock,
    stop: options.stop,
  });
  return {
    records: lookUpBatches(batches, deps, tally),
    summary: (): EnrichSummary => {
      tally.stopped = options.stop?.aborted === true;
      return tally.summarise(deps.clock.elapsed());
    },
  };
}

/** Looks one text up in the installed editions alone, at once. Of a block it gives the first address. */
export function lookUpOne(
  text: string,
  { maxmind, clock }: { readonly maxmind: MaxmindSource; readonly clock: Clock },
): OutputRecord {
  const [entry] = readEntries({ text, origin: null });
  const now = clock.now();
  const tally = new RunTally(0);
  return lookUpEntry(entry!, maxmind, { now, checkedAt: formatInstant(now), tally });
}

async function* lookUpBatches(
  batches: AsyncIterable<readonly Entry[]>,
  deps: { readonly maxmind: MaxmindSource; readonly clock: Clock },
  tally: RunTally,
): AsyncGenerator<readonly OutputRecord[]> {
  for await (const entries of batches) {
    const now = deps.clock.now();
    const checkedAt = formatInstant(now);
    yield entries.map((entry) => lookUpEntry(entry, deps.maxmind, { now, checkedAt, tally }));
  }
}

function lookUpEntry(
  entry: Entry,
  maxmind: MaxmindSource,
  context: { readonly now: number; readonly checkedAt: string; readonly tally: RunTally },
): OutputRecord {
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

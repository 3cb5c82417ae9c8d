import {
  type Clock,
  type EnrichSummary,
  formatInstant,
  type MaxmindSource,
  type OutputRecord,
  type SpanLimit,
} from "@ipcascade/core";
import type { EnrichRun } from "./enrich_many.ts";
import { type Entry, gatherBatches, type InputItem, readEntries } from "./inputs.ts";
import { lookUpEntry } from "./look_up_entry.ts";
import { RunTally } from "./tally.ts";

/** What a run of `lookUp` may do; everything has a default. */
export interface LookUpOptions {
  readonly batchSize?: number;
  /** Addresses in the first batch, when answers shall come soon; the batches grow from there. Default `batchSize`. */
  readonly firstBatchSize?: number;
  readonly maxWaitMs?: number;
  readonly maxSpan?: SpanLimit;
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

import {
  type ActivityFilter,
  type Clock,
  type EnrichQueue,
  SOURCE_NAMES,
  type SourceName,
  type SpanLimit,
} from "@ipcascade/core";
import { type Entry, gatherBatches, type InputItem, type OnProblem } from "../inputs.ts";
import { BatchWriter } from "./batch_writer.ts";

/** Addresses in a batch of the queue: some seconds of work, and GreyNoise's rate makes it two minutes at most. */
export const QUEUE_BATCH_SIZE = 1_000;

/** How inputs are queued; everything has a default. */
export interface QueueOptions {
  /** Addresses in a batch. Default 1 000. */
  readonly batchSize?: number;
  /** Largest block or range that is expanded. Default 1 048 576 addresses. */
  readonly maxSpan?: SpanLimit;
  /** Sources that the worker may ask. Default all. */
  readonly sources?: readonly SourceName[];
  /** The worker asks GreyNoise only about addresses with such a session. Default null: about all. */
  readonly activity?: ActivityFilter | null;
  /** Ends the reading; what was read is queued. */
  readonly stop?: AbortSignal;
  /** Told of each input that is no address. */
  readonly onProblem?: OnProblem;
  /** Told how many inputs are done. */
  readonly onProgress?: (inputs: number) => void;
}

/** What was queued. */
export interface QueueReport {
  readonly operation: "queue-enrichment";
  /** Inputs read, bad ones included. */
  readonly inputs: number;
  readonly invalid: number;
  /** Inputs that are not globally routable: nobody is asked about them. */
  readonly local: number;
  /** Inputs that were passed over, for they were queued a little before. */
  readonly duplicates: number;
  /** Addresses queued. */
  readonly addresses: number;
  readonly batches: number;
  readonly elapsed_ms: number;
  readonly stopped: boolean;
}

/**
 * Queues a stream of inputs for workers, in bounded memory. What was submitted stays, also when the run fails later.
 * Throws `StoreError` when the database fails.
 */
export async function queueEnrichment(
  inputs: AsyncIterable<readonly InputItem[]>,
  deps: { readonly queue: Pick<EnrichQueue, "submit">; readonly clock: Clock },
  options: QueueOptions = {},
): Promise<QueueReport> {
  const { batchSize = QUEUE_BATCH_SIZE, sources = SOURCE_NAMES, activity = null, maxSpan, stop } = options;
  const startedMs = deps.clock.elapsed();
  const counts = { inputs: 0, invalid: 0, local: 0 };
  const writer = new BatchWriter(deps.queue, { batchSize, sources, activity });
  const gathered = gatherBatches(inputs, {
    batchSize,
    maxSpan,
    maxWaitMs: MAX_WAIT_MS,
    clock: deps.clock,
    stop,
  });
  for await (const entries of gathered) {
    await writer.add(chooseAddresses(entries, counts, options));
    options.onProgress?.(counts.inputs);
  }
  await writer.flush();
  const { duplicates, addresses, batches } = writer;
  return {
    operation: "queue-enrichment",
    ...counts,
    duplicates,
    addresses,
    batches,
    elapsed_ms: deps.clock.elapsed() - startedMs,
    stopped: stop?.aborted === true,
  };
}

/** Nobody waits for what is queued: a slow input may fill its batches. */
const MAX_WAIT_MS = 60_000;

function chooseAddresses(
  entries: readonly Entry[],
  counts: { inputs: number; invalid: number; local: number },
  { onProblem }: QueueOptions,
): string[] {
  const chosen: string[] = [];
  for (const entry of entries) {
    counts.inputs++;
    if ("error" in entry) {
      counts.invalid++;
      onProblem?.(entry);
    } else if (entry.scope === "global") {
      chosen.push(entry.address.text);
    } else counts.local++;
  }
  return chosen;
}

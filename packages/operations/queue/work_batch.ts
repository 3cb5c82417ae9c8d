import { type EnrichSummary, SOURCE_NAMES, type TakenBatch } from "@ipcascade/core";
import { enrichMany } from "../enrich_many.ts";
import type { IncidentBudget } from "../incident_budget.ts";
import type { InputItem } from "../inputs.ts";
import type { WorkCounts, WorkDeps, WorkOptions } from "./work_queue.ts";

/** How one batch is worked on. */
export interface WorkBatchOptions extends Pick<WorkOptions, "batchSize" | "abort" | "onFailure"> {
  readonly stop: AbortSignal;
  /** Shared by all batches of the worker. */
  readonly budget: IncidentBudget;
  /** What happens is added to these. */
  readonly counts: WorkCounts;
}

/** Enriches one batch and ends it, one way or the other. Throws `StoreError` when the queue can't be told. */
export async function workBatch(
  batch: TakenBatch,
  deps: WorkDeps,
  { stop, abort, budget, batchSize, counts, onFailure }: WorkBatchOptions,
): Promise<void> {
  const lease = keepLease(batch, deps);
  const failures: unknown[] = [];
  let summary: EnrichSummary | null = null;
  try {
    const run = enrichMany(itemsOf(batch), deps, {
      sources: batch.sources,
      activity: batch.activity,
      batchSize,
      budget,
      stop,
      abort: AbortSignal.any([lease.lost, abort].filter((one) => one !== undefined)),
    });
    for await (const _ of run.records); // Reading them is what makes the run go on.
    summary = run.summary();
  } catch (error) {
    failures.push(error);
  } finally {
    await lease.end();
  }
  if (lease.lost.aborted) {
    counts.lost++;
  } else if (summary === null) {
    await failBatch(batch, failures[0], { deps, counts, onFailure });
  } else if (stop.aborted && isUnfinished(batch, summary)) {
    await deps.queue.giveBack(batch);
    counts.given_back++;
  } else {
    await deps.queue.finish(batch);
    addSummary(counts, summary);
  }
}

async function* itemsOf({ addresses }: TakenBatch): AsyncGenerator<readonly InputItem[]> {
  yield addresses.map((text) => ({ text, origin: null }));
}

/** A stop ends the reading, and leaves addresses that GreyNoise would have been asked about. */
function isUnfinished(batch: TakenBatch, { inputs, sources }: EnrichSummary): boolean {
  return inputs < batch.addresses.length ||
    SOURCE_NAMES.some((name) => (sources[name].skipped.stopped ?? 0) > 0);
}

async function failBatch(
  batch: TakenBatch,
  error: unknown,
  { deps, counts, onFailure }: Pick<WorkBatchOptions, "counts" | "onFailure"> & { readonly deps: WorkDeps },
): Promise<void> {
  const message = error instanceof Error && error.message !== "" ? error.message : String(error);
  const end = await deps.queue.fail(batch, message);
  if (end === "dead") counts.dead++;
  else counts.failed_tries++;
  const what = end === "dead" ? "it is a dead letter now" : "it will be tried again";
  onFailure?.(
    `Cannot enrich the batch of ${batch.addresses.length} addresses from ${batch.addresses[0]} on, try ` +
      `${batch.attempt}: ${message}; ${what}`,
  );
}

function addSummary(counts: WorkCounts, summary: EnrichSummary): void {
  counts.batches++;
  counts.addresses += summary.inputs;
  counts.asked += summary.asked;
  counts.fresh += summary.fresh;
  counts.held_back += summary.heldBack;
  counts.stored += summary.stored;
  for (const name of SOURCE_NAMES) {
    for (const times of Object.values(summary.sources[name].failed)) counts.source_failures[name] += times;
  }
}

interface Lease {
  /** Aborts when the batch is no longer this worker's. */
  readonly lost: AbortSignal;
  end(): Promise<void>;
}

/** Gives signs of life until it is ended. */
function keepLease(batch: TakenBatch, { queue, clock, log }: WorkDeps): Lease {
  const lost = new AbortController();
  const ended = new AbortController();
  const renewing = (async () => {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      await clock.sleep(queue.renewEveryMs, ended.signal).catch(() => {});
      if (ended.signal.aborted) return;
      try {
        if (!await queue.renew(batch)) lost.abort();
      } catch (error) {
        // The next one may come through in time; if none does, the batch is somebody else's.
        log.warn("Batch can't be renewed", { reason: String(error) });
      }
    }
  })();
  return {
    lost: lost.signal,
    end: async () => {
      ended.abort();
      await renewing;
    },
  };
}
